namespace Data.Resilience.Transience;

/// <summary>The one table from class of failure and phase to verdict.</summary>
internal static class Verdicts
{
    private const FailureVerdict Never = FailureVerdict.Never;
    private const FailureVerdict Nothing = FailureVerdict.RetryNothingRan;
    private const FailureVerdict Whole = FailureVerdict.RetryTransaction;
    private const FailureVerdict Few = FailureVerdict.RetryResource;
    private const FailureVerdict Lost = FailureVerdict.RetryLostSession;
    private const FailureVerdict Unknown = FailureVerdict.Ambiguous;

    // One row per class, in the order of the enum; one column per phase: Open, Execute, Commit, CommitRead.
    private static readonly FailureVerdict[][] Table =
    [
        /* Permanent        */ [Never, Never, Never, Never],
        /* Unavailable      */ [Nothing, Lost, Unknown, Lost],
        /* Conflict         */ [Nothing, Whole, Whole, Whole],
        /* PossibleConflict */ [Never, FailureVerdict.OptIn, FailureVerdict.OptIn, Never],
        /* Resource         */ [Few, Few, Few, Few],
        /* ReadOnly         */ [FailureVerdict.Reroute, FailureVerdict.Reroute, FailureVerdict.Reroute, FailureVerdict.Reroute],
        /* NoHost           */ [FailureVerdict.RetryHosts, Lost, Unknown, Lost],
        /* SessionLost      */ [Nothing, Lost, Unknown, Lost],
        /* OutcomeUnknown   */ [Nothing, Lost, Unknown, Lost],
        /* Timeout          */ [Nothing, FailureVerdict.NeverTimedOut, Unknown, FailureVerdict.NeverTimedOut],
        /* PoolExhausted    */ [Never, Never, Unknown, Never],
    ];

    public static FailureVerdict Of(FailureClass failure, SessionPhase phase) => Table[(int)failure][(int)phase];

    /// <summary>Returns how often a failure counts against the breaker and the retry budget; 0 when the database is not at fault.</summary>
    public static int FaultWeight(FailureVerdict verdict) => verdict switch
    {
        FailureVerdict.Never or FailureVerdict.OptIn or FailureVerdict.RetryTransaction => 0,
        FailureVerdict.RetryResource => 2,
        _ => 1,
    };
}
