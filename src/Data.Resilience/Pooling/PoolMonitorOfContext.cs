using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Pooling;

internal sealed class PoolMonitorOfContext<TContext>(PoolMonitor monitor) : IPoolMonitor<TContext>
    where TContext : DbContext
{
    public IReadOnlyList<PoolStatistics> GetStatistics() => monitor.GetStatistics();
}
