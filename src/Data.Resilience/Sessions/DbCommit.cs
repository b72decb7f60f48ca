using Data.Resilience.Commits;
using NpgsqlTypes;

namespace Data.Resilience.Sessions;

/// <summary>What is known about a transaction once it is committed.</summary>
public readonly record struct DbCommit
{
    /// <summary>64-bit transaction id, as returned by PostgreSQL's <c>pg_current_xact_id()</c>.</summary>
    public ulong TransactionId { get; init; }

    /// <summary>
    /// Position in the write-ahead log at or after the commit record; null unless capturing it was requested, and when the commit had to be
    /// verified.
    /// </summary>
    public NpgsqlLogSequenceNumber? Lsn { get; init; }

    /// <summary>
    /// <see cref="CommitOutcome.Committed"/>, or <see cref="CommitOutcome.CommittedLocally"/> when the server gave up waiting for its
    /// synchronous standby, because the statement was cancelled or the connection was terminated meanwhile.
    /// </summary>
    public CommitOutcome Outcome { get; init; }
}
