using Data.Resilience.Commits;

namespace Data.Resilience.Sessions;

/// <summary>What is known about a transaction whose outcome could not be found out.</summary>
public readonly record struct DbUnknownCommit
{
    /// <summary>64-bit transaction id, as returned by PostgreSQL's <c>pg_current_xact_id()</c>.</summary>
    public ulong TransactionId { get; init; }

    /// <summary><see cref="CommitOutcome.Unknown"/>, or <see cref="CommitOutcome.InProgress"/> when the transaction was still running
    /// when time ran out.</summary>
    public CommitOutcome Outcome { get; init; }
}
