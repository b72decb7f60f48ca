using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Resilience.Pooling;

/// <summary>Degraded when a pool is full or connections leak, unhealthy never by itself: a full pool still serves.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <param name="monitor">The context's monitor.</param>
/// <remarks>No round trip. The data holds <c>busy</c>, <c>idle</c>, <c>waiting</c>, <c>max</c> and <c>leaked</c> per pool.</remarks>
public sealed class PoolHealthCheck<TContext>(IPoolMonitor<TContext> monitor) : IHealthCheck
    where TContext : DbContext
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var pools = monitor.GetStatistics();
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var pool in pools)
        {
            data[pool.Name + ".busy"] = pool.BusyCount;
            data[pool.Name + ".idle"] = pool.IdleCount;
            data[pool.Name + ".waiting"] = pool.WaitingCount;
            data[pool.Name + ".max"] = pool.MaxSize;
            data[pool.Name + ".leaked"] = pool.LeakedCount;
        }

        var full = pools.Where(p => p.BusyCount >= p.MaxSize).Select(p => p.Name).ToList();
        var leaking = pools.Where(p => p.LeakedCount > 0).Select(p => p.Name).ToList();
        return Task.FromResult((full, leaking) switch
        {
            ({ Count: > 0 }, _) => HealthCheckResult.Degraded($"Every connection is in use: {string.Join(", ", full)}.", data: data),
            (_, { Count: > 0 }) => HealthCheckResult.Degraded($"Connections are held too long: {string.Join(", ", leaking)}.", data: data),
            _ => HealthCheckResult.Healthy("Connections are available.", data),
        });
    }
}
