using System.Collections.Frozen;
using Data.Resilience.Connections;
using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;

namespace Data.Resilience.Sharding;

/// <summary>
/// Sends every session to the shard of the current tenant, or to a replica of it; without a tenant to the primary, where shared tables may
/// lie.
/// </summary>
/// <param name="primary">The context's own database.</param>
/// <param name="shards">The shards.</param>
/// <param name="map">Where each tenant lies.</param>
/// <param name="replicas">Chooses among the replicas of a shard or of the primary, where there are any.</param>
internal sealed class ShardRouter(
    DatabaseNode primary, ShardNodes shards, IShardMap map, FrozenDictionary<DatabaseNode, ReplicaRouter> replicas) : ISessionRouter
{
    public IReadOnlyList<DatabaseNode> WriteNodes { get; } = [primary, .. shards.ByName.Values];

    public ValueTask<DatabaseNode> RouteAsync(
        DbSessionKind kind,
        DbSessionOptions options,
        int attempt,
        CancellationToken cancellationToken)
    {
        var node = NodeOfTenant();
        return replicas.TryGetValue(node, out var router)
            ? router.RouteAsync(kind, options, attempt, cancellationToken)
            : ValueTask.FromResult(node);
    }

    public bool Serves(DatabaseNode node)
    {
        var wanted = NodeOfTenant();
        return node == wanted || (replicas.TryGetValue(wanted, out var router) && router.Has(node));
    }

    private DatabaseNode NodeOfTenant()
    {
        if (TenantScope.Current is not { } tenant)
            return primary;

        var shard = map.ShardOf(tenant);
        return shards.ByName.TryGetValue(shard, out var node)
            ? node
            : throw new InvalidOperationException(
                $"The shard map names '{shard}', which is not a shard. "
                + $"The shards are {string.Join(", ", shards.ByName.Keys.Order(StringComparer.Ordinal))}.");
    }
}
