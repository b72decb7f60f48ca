using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Pooling;

/// <summary>Watches the connection pools of one context.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <remarks>A singleton, safe for concurrent use.</remarks>
public interface IPoolMonitor<TContext>
    where TContext : DbContext
{
    /// <summary>Reads every pool: the primary's, and those of replicas and shards once they were used.</summary>
    /// <returns>One row per pool, by name.</returns>
    IReadOnlyList<PoolStatistics> GetStatistics();
}
