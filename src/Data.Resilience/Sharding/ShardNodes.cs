using System.Collections.Frozen;
using Data.Resilience.Connections;

namespace Data.Resilience.Sharding;

/// <summary>The shards of one context, by name.</summary>
internal sealed class ShardNodes(FrozenDictionary<string, DatabaseNode> byName) : IAsyncDisposable
{
    public FrozenDictionary<string, DatabaseNode> ByName { get; } = byName;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in ByName.Values)
            await node.DisposeAsync().ConfigureAwait(false);
    }
}
