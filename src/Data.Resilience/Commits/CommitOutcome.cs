namespace Data.Resilience.Commits;

/// <summary>What is known about a commit whose answer did not arrive.</summary>
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
}
