using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Commits;

/// <summary>Sends COMMIT so that it cannot be answered by a silent ROLLBACK.</summary>
/// <remarks>
/// PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error, and Npgsql does not look. Here a SELECT of the
/// transaction's id travels ahead of COMMIT in the same message: in a failed transaction it is refused (25P02), the server skips the
/// COMMIT, and the failure is an error. Its answer also proves that what was committed is the transaction that was begun. The position of
/// the commit in the log follows in the same round trip. What the session collected for its commit travels ahead of the guard.
/// </remarks>
internal static class CommitBatch
{
    private const string Guard = "SELECT pg_current_xact_id()";
    private const string Position = "SELECT pg_current_wal_insert_lsn()";

    /// <summary>Commits in one round trip.</summary>
    /// <param name="connection">The session's.</param>
    /// <param name="steps">What parts of the session send ahead of COMMIT; null for nothing.</param>
    /// <param name="guard">A statement to send in place of the guard, which returns the transaction's id as it does; null for none.</param>
    /// <param name="captureLsn">Whether to ask for the position.</param>
    /// <param name="commandTimeout">Seconds that the message may take; 0 for the connection's own limit.</param>
    /// <param name="cancellationToken">The attempt's.</param>
    /// <returns>The id of the transaction that was committed, and the log position when it was requested and could be read.</returns>
    /// <remarks>What fails after the server has confirmed COMMIT, the position or the connection, is not the commit's failure.</remarks>
    public static async ValueTask<(ulong TransactionId, NpgsqlLogSequenceNumber? Lsn)> SendAsync(
        NpgsqlConnection connection,
        IReadOnlyList<ICommitStep>? steps,
        NpgsqlBatchCommand? guard,
        bool captureLsn,
        int commandTimeout,
        CancellationToken cancellationToken)
    {
        var commit = new NpgsqlBatchCommand("COMMIT");
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            if (commandTimeout > 0)
                batch.Timeout = commandTimeout;
            for (var index = 0; index < steps?.Count; index++)
                steps[index].AddTo(batch);

            batch.BatchCommands.Add(guard ?? new NpgsqlBatchCommand(Guard));
            batch.BatchCommands.Add(commit);
            if (captureLsn)
                batch.BatchCommands.Add(new NpgsqlBatchCommand(Position));

            ulong? committed = null;
            try
            {
                var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    // No id is 0. A guard that finds nothing belongs to another transaction.
                    committed = await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? reader.GetFieldValue<ulong>(0) : 0;
                    var hasPosition = await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    NpgsqlLogSequenceNumber? position = hasPosition && await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                        ? reader.GetFieldValue<NpgsqlLogSequenceNumber>(0)
                        : null;
                    await reader.CloseAsync().ConfigureAwait(false);
                    return (committed.Value, position);
                }
            }
            catch (Exception) when (committed is not null && IsConfirmed(commit))
            {
                return (committed.Value, null);
            }
        }
    }

    /// <summary>Whether the answer to COMMIT has arrived: only then does the driver know what kind of statement it was.</summary>
    private static bool IsConfirmed(NpgsqlBatchCommand commit) => commit.StatementType == StatementType.Other;
}
