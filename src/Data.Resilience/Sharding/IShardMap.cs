namespace Data.Resilience.Sharding;

/// <summary>Says which shard holds a tenant.</summary>
/// <remarks>
/// Must be safe for concurrent use, quick, and give the same answer in every process. Register an own one as a keyed singleton under
/// <c>typeof(TContext)</c> before <c>AddShards</c>, for instance one that reads a directory of tenants.
/// </remarks>
public interface IShardMap
{
    /// <summary>Finds a tenant's shard.</summary>
    /// <param name="tenantId">The tenant, not null or empty.</param>
    /// <returns>The shard's name, one of <see cref="ShardOptions.ConnectionStrings"/>.</returns>
    string ShardOf(string tenantId);
}
