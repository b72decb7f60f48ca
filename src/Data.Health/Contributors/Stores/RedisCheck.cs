using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Stores;

/// <summary>PING and INFO over a connection of its own that stays open.</summary>
internal sealed class RedisCheck(RedisHealthOptions options, TimeProvider time) : IHealthCheck, IAsyncDisposable, IDisposable
{
    private readonly RedisAddress _address = RedisAddress.Of(options);
    private RespConnection? _kept;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await ProbeAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RespErrorException e)
        {
            var (reason, words) = e.Code switch
            {
                "LOADING" => ("loading", "The server is still loading its data."),
                "NOAUTH" or "WRONGPASS" => ("access_denied", "The server refuses the credentials."),
                "MASTERDOWN" => ("replication_stopped", "The replica has lost its primary."),
                _ => ("refused", "The server refused the command."),
            };
            return Outcome.Of(HealthStatus.Unhealthy, reason, words);
        }
    }

    public void Dispose() => Interlocked.Exchange(ref _kept, null)?.Dispose();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _kept, null) is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<HealthCheckResult> ProbeAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _kept, null) is { } kept)
        {
            try
            {
                return await AskAsync(kept, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException && !cancellation.IsCancellationRequested)
            {
                // Closed since the last run, as by a restart or an idle limit: only a fresh connection tells.
            }
        }

        return await AskAsync(await RespConnection.OpenAsync(_address, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(
            false);
    }

    private async Task<HealthCheckResult> AskAsync(RespConnection connection, CancellationToken cancellation)
    {
        var keep = false;
        try
        {
            var start = time.GetTimestamp();
            await connection.CallAsync(["PING"], cancellation).ConfigureAwait(false);
            var outcome = new Outcome().With("latency_ms", Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3));
            await InspectAsync(connection, outcome, cancellation).ConfigureAwait(false);
            keep = Interlocked.CompareExchange(ref _kept, connection, null) is null;
            return outcome.Result();
        }
        finally
        {
            if (!keep)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task InspectAsync(RespConnection connection, Outcome outcome, CancellationToken cancellation)
    {
        RedisInfo info;
        try
        {
            info = new RedisInfo(await connection.CallAsync(["INFO"], cancellation).ConfigureAwait(false));
        }
        catch (RespErrorException e) when (e.Code == "NOPERM")
        {
            // A user that may only ping still proves that the server lives.
            return;
        }

        var used = info.Number("used_memory");
        var max = info.Number("maxmemory");
        var percent = used is { } u && max is > 0 ? 100.0 * u / max.Value : 0;
        var replica = string.Equals(info.Text("role"), "slave", StringComparison.Ordinal);
        outcome.With("version", info.Text("redis_version"))
            .With("role", replica ? "replica" : "primary")
            .With("used_memory_bytes", used)
            .With("max_memory_bytes", max is > 0 ? max : null)
            .With("evicted_keys", info.Number("evicted_keys"))
            .With("connected_clients", info.Number("connected_clients"))
            .With("keyspace_hits", info.Number("keyspace_hits"))
            .With("keyspace_misses", info.Number("keyspace_misses"))
            .FindIf(replica && options.Role == HealthServerRole.Primary, HealthStatus.Unhealthy, "read_only", "The server takes no writes.")
            .FindIf(
                !replica && options.Role == HealthServerRole.Replica,
                HealthStatus.Unhealthy,
                "not_a_replica",
                "The server follows no other.")
            .FindIf(
                replica && !string.Equals(info.Text("master_link_status"), "up", StringComparison.Ordinal),
                HealthStatus.Degraded, "replication_stopped", "The replica has lost its primary.")
            .FindIf(
                percent >= options.MemoryDegradedPercent
                    && string.Equals(info.Text("maxmemory_policy"), "noeviction", StringComparison.Ordinal),
                HealthStatus.Degraded, "memory_filling", "Memory is almost used up and nothing may be evicted.");
    }
}
