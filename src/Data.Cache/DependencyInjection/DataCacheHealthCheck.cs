using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Cache;

/// <summary>
/// Reports the cache's link to Redis and its statistics: healthy when connected or local by design, degraded while disconnected or while
/// Redis refuses a write, a read or a removal.
/// </summary>
/// <param name="cache">The cache to report on.</param>
/// <remarks>Asks the cache and not Redis, so that frequent probes cost Redis nothing. Disconnected in strict mode is unhealthy.</remarks>
public sealed class DataCacheHealthCheck(DataCache cache) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var statistics = cache.GetStatistics();
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["link"] = statistics.Link.ToString(),
            ["outage_mode"] = statistics.OutageMode.ToString(),
            ["hit_ratio"] = statistics.HitRatio,
            ["local_hits"] = statistics.LocalHits,
            ["remote_hits"] = statistics.RemoteHits,
            ["stale_hits"] = statistics.StaleHits,
            ["misses"] = statistics.Misses,
            ["local_entries"] = statistics.LocalEntries,
            ["local_bytes"] = statistics.LocalBytes,
            ["replay_queue"] = statistics.ReplayQueueCount,
            ["remote_failures"] = statistics.RemoteFailures,
        };
        if (statistics.LinkFault is { } fault)
            data["link_fault"] = fault;
        var disconnected = $"Redis is disconnected ({statistics.LinkFault})";
        return Task.FromResult(statistics switch
        {
            { Link: CacheLinkState.None } => HealthCheckResult.Healthy("The cache is local.", data),
            { Link: CacheLinkState.Connected, LinkFault: { } refused } =>
                HealthCheckResult.Degraded($"Redis answers but does not serve this cache ({refused}).", data: data),
            { Link: CacheLinkState.Connected } => HealthCheckResult.Healthy("Redis answers.", data),
            { Link: CacheLinkState.Connecting } => HealthCheckResult.Degraded("The first connection to Redis is in progress.", data: data),
            { OutageMode: OutageMode.Strict } => HealthCheckResult.Unhealthy($"{disconnected} and calls fail.", data: data),
            { OutageMode: OutageMode.NoOp } => HealthCheckResult.Degraded($"{disconnected}; nothing is cached.", data: data),
            _ => HealthCheckResult.Degraded($"{disconnected}; the local level continues alone.", data: data),
        });
    }
}
