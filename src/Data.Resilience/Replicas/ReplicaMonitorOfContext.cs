using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Replicas;

internal sealed class ReplicaMonitorOfContext<TContext>(ReplicaMonitor monitor) : IReplicaMonitor<TContext>
    where TContext : DbContext
{
    public IReadOnlyList<ReplicaStatus> GetStatus() => monitor.GetStatus();
}
