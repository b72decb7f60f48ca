using System.Collections.Frozen;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;

namespace Data.Resilience.Sharding;

/// <summary>Sends every session to the shard of the current tenant; without a tenant to the primary, where shared tables may lie.</summary>
internal sealed class ShardRouter(DatabaseNode primary, FrozenDictionary<string, DatabaseNode> shards, IShardMap map) :
    ISessionRouter,
    IAsyncDisposable
{
    public ValueTask<DatabaseNode> RouteAsync(
        DbSessionKind kind,
        DbSessionOptions options,
        int attempt,
        CancellationToken cancellationToken) =>
        ValueTask.FromResult(NodeOfTenant());

    public IReadOnlyList<DatabaseNode> WriteNodes { get; } = [primary, .. shards.Values];

    public bool Serves(DatabaseNode node) => node == NodeOfTenant();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in shards.Values)
            await node.DisposeAsync().ConfigureAwait(false);
    }

    private DatabaseNode NodeOfTenant()
    {
        if (TenantScope.Current is not { } tenant)
            return primary;

        var shard = map.ShardOf(tenant);
        return shards.TryGetValue(shard, out var node)
            ? node
            : throw new InvalidOperationException(
                $"The shard map names '{shard}', which is not a shard. "
                + $"The shards are {string.Join(", ", shards.Keys.Order(StringComparer.Ordinal))}.");
    }
}
