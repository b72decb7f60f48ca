using NpgsqlTypes;

namespace Data.Resilience.Sessions;

/// <summary>What is known about a transaction once it is committed.</summary>
public readonly record struct DbCommit
{
    /// <summary>Gets the 64-bit transaction id as PostgreSQL's <c>pg_current_xact_id()</c> told it.</summary>
    public ulong TransactionId { get; init; }

    /// <summary>
    /// Gets a position in the write-ahead log at or after the commit record; null unless capturing was asked for, or when the commit had to
    /// be verified.
    /// </summary>
    public NpgsqlLogSequenceNumber? Lsn { get; init; }
}
