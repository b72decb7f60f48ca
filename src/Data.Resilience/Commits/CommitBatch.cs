using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Commits;

/// <summary>Sends COMMIT so that it cannot be answered by a silent ROLLBACK.</summary>
/// <remarks>
/// PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error, and Npgsql does not look. Here a SELECT of the
/// transaction's id travels ahead of COMMIT in the same message: in a failed transaction it is refused (25P02), the server skips the
/// COMMIT, and the failure is an error. Its answer also proves that what was committed is the transaction that was begun. The position of
/// the commit in the log follows in the same round trip.
/// </remarks>
internal static class CommitBatch
{
    private const string Guard = "SELECT pg_current_xact_id()";
    private const string Position = "SELECT pg_current_wal_insert_lsn()";

    /// <summary>Commits in one round trip.</summary>
    /// <returns>The id of the transaction that was committed, and the log position when requested.</returns>
    public static async ValueTask<(ulong TransactionId, NpgsqlLogSequenceNumber? Lsn)> SendAsync(
        NpgsqlConnection connection,
        bool captureLsn,
        CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Guard));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            if (captureLsn)
                batch.BatchCommands.Add(new NpgsqlBatchCommand(Position));

            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var committed = reader.GetFieldValue<ulong>(0);
                var hasPosition = await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                NpgsqlLogSequenceNumber? position = hasPosition && await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? reader.GetFieldValue<NpgsqlLogSequenceNumber>(0)
                    : null;
                await reader.CloseAsync().ConfigureAwait(false);
                return (committed, position);
            }
        }
    }
}
