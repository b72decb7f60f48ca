namespace Data.Health.Evaluation;

/// <summary>When a contributor's check runs.</summary>
public enum EvaluationMode
{
    /// <summary>On its own period, whether or not there are probes. Probes read the last result and never reach the dependency.</summary>
    Background,

    /// <summary>When a probe arrives and the last result is older than the period. Concurrent probes share one run.</summary>
    OnDemand,
}
