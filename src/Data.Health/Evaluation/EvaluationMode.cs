namespace Data.Health.Evaluation;

/// <summary>Says when a contributor's check runs.</summary>
public enum EvaluationMode
{
    /// <summary>On its own period, whether or not anybody asks. Probes read the last result and never touch the dependency.</summary>
    Background,

    /// <summary>
    /// When a probe asks and the last result is older than the period. Probes that arrive meanwhile share the one run.
    /// </summary>
    OnDemand,
}
