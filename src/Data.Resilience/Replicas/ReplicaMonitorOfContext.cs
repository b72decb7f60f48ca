using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Replicas;

internal sealed class ReplicaMonitorOfContext<TContext>(ReplicaMonitors monitors) : IReplicaMonitor<TContext>
    where TContext : DbContext
{
    public IReadOnlyList<ReplicaStatus> GetStatus() => monitors.GetStatus();
}
