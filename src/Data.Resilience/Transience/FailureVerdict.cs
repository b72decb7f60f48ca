namespace Data.Resilience.Transience;

/// <summary>What to do about a failure.</summary>
internal enum FailureVerdict
{
    /// <summary>Hand it to the caller.</summary>
    Never,

    /// <summary>Hand it to the caller; the database was too slow, which the breaker should know.</summary>
    NeverTimedOut,

    /// <summary>Try again: nothing ran.</summary>
    RetryNothingRan,

    /// <summary>Forget what is known of the hosts and try again: nothing ran.</summary>
    RetryHosts,

    /// <summary>Run the whole transaction again: it is rolled back.</summary>
    RetryTransaction,

    /// <summary>Run it again a few times only, and count it double against the breaker: the server is short of something.</summary>
    RetryResource,

    /// <summary>Clear the pool, look for the new primary and run it again.</summary>
    Reroute,

    /// <summary>The connection was lost before COMMIT was sent: run the whole transaction again.</summary>
    RetryLostSession,

    /// <summary>Run it again if the caller opted in, else hand it to the caller.</summary>
    OptIn,

    /// <summary>It may be committed or not: find out.</summary>
    Ambiguous,
}
