using NpgsqlTypes;

namespace Data.Resilience.Commits;

/// <summary>What a server says about a transaction and about itself.</summary>
/// <param name="Status">From <c>pg_xact_status</c>: committed, aborted, in progress; null when too old; <see cref="Future"/> when never
/// given out.</param>
/// <param name="SystemIdentifier">Of the cluster.</param>
/// <param name="Timeline">Of the log being written.</param>
/// <param name="CheckpointLsn">Where the latest checkpoint's record lies.</param>
/// <param name="RedoLsn">Where recovery from it would begin; equal to its own position only for the checkpoint of a shutdown or at the end
/// of crash recovery.</param>
/// <param name="CheckpointNextId">The first transaction id not given out at the latest checkpoint.</param>
/// <param name="LastStart">The later of the server's start and the last time crash recovery reset its statistics.</param>
internal readonly record struct CommitObservation(
    string? Status,
    string SystemIdentifier,
    uint Timeline,
    NpgsqlLogSequenceNumber CheckpointLsn,
    NpgsqlLogSequenceNumber RedoLsn,
    ulong CheckpointNextId,
    DateTime LastStart)
{
    /// <summary>The status of an id that the server has not given out yet.</summary>
    public const string Future = "future";
}
