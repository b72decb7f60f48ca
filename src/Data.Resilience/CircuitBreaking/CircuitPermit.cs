namespace Data.Resilience.CircuitBreaking;

/// <summary>How a session came past the circuit, to be handed back with its report.</summary>
internal enum CircuitPermit
{
    /// <summary>It did not.</summary>
    Rejected,

    /// <summary>The circuit was closed.</summary>
    Normal,

    /// <summary>It is the one that tries whether the database is back.</summary>
    Probe,

    /// <summary>The circuit is closed; the session waited for the database to answer again and was let go.</summary>
    Released,
}
