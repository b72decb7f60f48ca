using System.Globalization;
using Data.Resilience.Commits;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Replicas;

/// <summary>Position of a node in its log, as reported by the node.</summary>
/// <param name="IsStandby">Whether it replays another's log.</param>
/// <param name="SystemIdentifier">Of its cluster.</param>
/// <param name="Timeline">The history it writes or, at least, replays.</param>
/// <param name="Position">How far the log is durable on a primary, or replayed on a standby.</param>
internal sealed record NodePosition(bool IsStandby, ulong SystemIdentifier, uint Timeline, ulong Position)
{
    // What a standby receives is for monitoring roles only; what it has replayed to a restart point anyone may read. Both can only be late,
    // never ahead.
    private const string Query =
        """
        SELECT r, s.system_identifier::text,
            CASE WHEN r THEN '' ELSE pg_walfile_name(pg_current_wal_insert_lsn()) END,
            greatest(
              (SELECT received_tli FROM pg_stat_wal_receiver),
              (SELECT timeline_id FROM pg_control_checkpoint()),
              (SELECT min_recovery_end_timeline FROM pg_control_recovery())),
            CASE WHEN r THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END
        FROM pg_is_in_recovery() r, pg_control_system() s
        """;

    public static async Task<NodePosition> ReadAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var command = dataSource.CreateCommand(Query);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var isStandby = reader.GetBoolean(0);
                return new NodePosition(
                    isStandby,
                    ulong.Parse(reader.GetString(1), CultureInfo.InvariantCulture),
                    isStandby ? (uint)reader.GetInt32(3) : TransactionMark.TimelineOf(reader.GetString(2)),
                    (ulong)reader.GetFieldValue<NpgsqlLogSequenceNumber>(4));
            }
        }
    }
}
