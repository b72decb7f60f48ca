using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Replicas;

/// <summary>Watches the replicas of one context's database.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <remarks>Safe for concurrent use; a singleton.</remarks>
public interface IReplicaMonitor<TContext>
    where TContext : DbContext
{
    /// <summary>Tells what the last checks found. No round trip.</summary>
    /// <returns>
    /// One entry per replica, in the order of <see cref="ReplicaOptions.ConnectionStrings"/>; after them the replicas of the shards.
    /// </returns>
    IReadOnlyList<ReplicaStatus> GetStatus();
}
