using System.Runtime.ExceptionServices;
using Data.Resilience.Commits;
using Data.Resilience.Idempotency;
using Data.Resilience.Savepoints;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Sessions;

/// <summary>What a session knows of its transaction and of what follows its commit. Made on first use: a plain read has none.</summary>
internal sealed class SessionTransaction
{
    /// <summary>The driver's transaction; null until it has begun.</summary>
    public NpgsqlTransaction? Driver { get; set; }

    public TransactionMark Mark { get; set; }

    public NpgsqlLogSequenceNumber? CommitLsn { get; set; }

    public bool IsCommittedLocally { get; set; }

    public ExceptionDispatchInfo? Loss { get; set; }

    public CommitHooks? CommitHooks { get; set; }

    public IdempotencyClaim? Claim { get; set; }

    public List<ICommitStep>? CommitSteps { get; set; }

    /// <summary>Number of savepoints so far that the session made, which makes their names unique.</summary>
    public int SavepointCount { get; set; }

    /// <summary>Savepoints that the driver reported; null when there was none.</summary>
    public SavepointTrail? Savepoints { get; set; }
}
