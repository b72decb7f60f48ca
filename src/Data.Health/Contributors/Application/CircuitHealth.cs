namespace Data.Health.Contributors.Application;

/// <summary>The state of a circuit breaker.</summary>
public enum CircuitHealth
{
    /// <summary>Calls pass: healthy.</summary>
    Closed,

    /// <summary>A trial call decides: degraded.</summary>
    HalfOpen,

    /// <summary>Calls are refused: unhealthy.</summary>
    Open,
}
