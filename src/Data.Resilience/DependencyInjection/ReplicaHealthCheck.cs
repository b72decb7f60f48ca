using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Resilience.Replicas;

/// <summary>Degraded when a replica serves no reads: the primary carries them. Never unhealthy.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <param name="monitor">The context's monitor.</param>
/// <remarks>No round trip. The data hold state and, when known, staleness in seconds per replica.</remarks>
/// <example>
/// <code>
/// using Microsoft.EntityFrameworkCore;
///
/// services.AddHealthChecks().AddCheck&lt;ReplicaHealthCheck&lt;ShopContext&gt;&gt;("replicas");
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public sealed class ReplicaHealthCheck<TContext>(IReplicaMonitor<TContext> monitor) : IHealthCheck
    where TContext : DbContext
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var replicas = monitor.GetStatus();
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var replica in replicas)
        {
            data[replica.Name] = replica.State.ToString();
            if (replica.Staleness is { } staleness)
                data[replica.Name + ".staleness"] = staleness.TotalSeconds;
        }

        var serving = replicas.Count(r => r.State == ReplicaState.Serving);
        return Task.FromResult(serving == replicas.Count
            ? HealthCheckResult.Healthy("All replicas serve.", data)
            : HealthCheckResult.Degraded($"{serving} of {replicas.Count} replicas serve.", data: data));
    }
}
