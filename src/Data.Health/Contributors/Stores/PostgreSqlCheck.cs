using System.Data.Common;
using Data.Health.Internal;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Stores;

/// <summary>One round trip to a PostgreSQL server: that it answers, its role and how far replication is behind.</summary>
internal sealed class PostgreSqlCheck(DbDataSource source, PostgreSqlHealthOptions options, TimeProvider time)
    : IHealthCheck, IAsyncDisposable, IDisposable
{
    private const string Ping = "SELECT 1";

    // A replica that has replayed all it received is not behind, however long ago the last transaction was. Columns that a role may not
    // read are null, not errors.
    private const string PingWithReplication =
        """
        SELECT 1,
               pg_is_in_recovery(),
               (CASE WHEN pg_is_in_recovery()
                     THEN CASE WHEN pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() THEN 0
                               ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END
                     ELSE (SELECT max(extract(epoch FROM replay_lag)) FROM pg_stat_replication) END)::float8,
               (SELECT count(*) FROM pg_stat_replication)::int,
               (SELECT count(*) FROM pg_stat_wal_receiver)::int
        """;

    private readonly PoolMeter _pools = new(options.PoolName);
    private DbConnection? _kept;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var outcome = new Outcome();
        await ProbeWithinAsync(outcome, cancellationToken).ConfigureAwait(false);
        if (_pools.Read() is { } pool)
        {
            outcome.With("pool_used", pool.Used).With("pool_idle", pool.Idle).With("pool_max", pool.Max).With("pool_pending", pool.Pending)
                .FindIf(
                    pool.UsedPercent >= options.PoolDegradedPercent,
                    HealthStatus.Degraded,
                    "pool_filling",
                    "The connection pool is almost used up.");
        }

        return outcome.Result();
    }

    public void Dispose()
    {
        _pools.Dispose();
        Interlocked.Exchange(ref _kept, null)?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _pools.Dispose();
        if (Interlocked.Exchange(ref _kept, null) is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Answers at the time-out even when the driver does not: to cancel a query it asks the server over another connection and waits for
    /// the end of that, far beyond the time-out if the server is frozen. Meanwhile the check would hang, and nobody would look whether
    /// another server has taken the address.
    /// </summary>
    private async Task ProbeWithinAsync(Outcome outcome, CancellationToken cancellation)
    {
        var stop = new CancellationTokenSource();
        var probe = ProbeAsync(outcome, stop.Token);
        try
        {
            await probe.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _ = Abandoned.EndAsync(probe, stop);
        }
    }

    private async Task ProbeAsync(Outcome outcome, CancellationToken cancellation)
    {
        // Taken out while in use: a run that hangs keeps it, and whoever comes later opens another.
        if (Interlocked.Exchange(ref _kept, null) is { } kept)
        {
            try
            {
                await QueryAsync(kept, outcome, cancellation).ConfigureAwait(false);
                return;
            }
            catch (DbException) when (!cancellation.IsCancellationRequested)
            {
                // The server may have closed it long ago, as after its restart: only a fresh connection tells.
            }
        }

        var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await QueryAsync(connection, outcome, cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs the query and keeps the connection afterwards, or disposes of it.</summary>
    private async Task QueryAsync(DbConnection connection, Outcome outcome, CancellationToken cancellation)
    {
        var keep = false;
        try
        {
            var start = time.GetTimestamp();
            var command = connection.CreateCommand();
            await using (command.ConfigureAwait(false))
            {
                command.CommandText = options.CheckReplication ? PingWithReplication : Ping;
                var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await reader.ReadAsync(cancellation).ConfigureAwait(false);
                    if (options.CheckReplication)
                        await JudgeAsync(reader, outcome, cancellation).ConfigureAwait(false);
                }
            }

            outcome.With("latency_ms", Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3));
            keep = options.Connection == HealthConnection.Dedicated && Interlocked.CompareExchange(ref _kept, connection, null) is null;
        }
        finally
        {
            if (!keep)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task JudgeAsync(DbDataReader row, Outcome outcome, CancellationToken cancellation)
    {
        var replica = row.GetBoolean(1);
        var unknown = await row.IsDBNullAsync(2, cancellation).ConfigureAwait(false);
        double? lag = unknown ? null : row.GetDouble(2);
        outcome.With("role", replica ? "replica" : "primary")
            .With("replicas", replica ? null : row.GetInt32(3))
            .With("replication_lag_seconds", lag)
            .FindIf(replica && options.Role == HealthServerRole.Primary, HealthStatus.Unhealthy, "read_only", "The server takes no writes.")
            .FindIf(
                !replica && options.Role == HealthServerRole.Replica,
                HealthStatus.Unhealthy,
                "not_a_replica",
                "The server follows no other.")
            .FindIf(replica && row.GetInt32(4) == 0, HealthStatus.Degraded, "replication_stopped", "The replica receives nothing.")
            .FindIf(lag >= options.MaxReplicationLag.TotalSeconds, HealthStatus.Degraded, "replication_lag", "Replication is behind.");
    }
}
