namespace Data.Resilience.Commits;

/// <summary>What is known about a commit.</summary>
public enum CommitOutcome
{
    /// <summary>It could not be found out.</summary>
    Unknown,

    /// <summary>The transaction is committed and its effects are durable.</summary>
    Committed,

    /// <summary>The transaction was rolled back and has no effect.</summary>
    Aborted,

    /// <summary>The transaction was still running when time ran out.</summary>
    InProgress,

    /// <summary>
    /// The transaction is committed and durable on the server that answered, but the wait for its synchronous standby was cancelled: a
    /// fail-over can lose it.
    /// </summary>
    CommittedLocally,
}
