using System.Text;

namespace Data.Resilience.Sharding;

/// <summary>Gives a tenant the shard whose hash together with the tenant's is greatest, unless it is pinned.</summary>
/// <remarks>
/// Highest random weight hashing (Thaler and Ravishankar, 1998): tenants spread evenly, and adding the n-th shard moves one tenant in n,
/// all of them to the new shard. The hash depends on names only, so every process and every release agrees.
/// </remarks>
internal sealed class RendezvousShardMap : IShardMap
{
    private readonly (string Name, ulong Hash)[] _shards;
    private readonly Dictionary<string, string> _pins;

    public RendezvousShardMap(IEnumerable<string> shards, IEnumerable<KeyValuePair<string, string>> pins)
    {
        // Sorted, so that a tie does not depend on the order of the settings.
        _shards = [.. shards.Order(StringComparer.Ordinal).Select(name => (name, Hash(name)))];
        _pins = new Dictionary<string, string>(pins, StringComparer.Ordinal);
    }

    public string ShardOf(string tenantId)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenantId);
        if (_pins.TryGetValue(tenantId, out var pinned))
            return pinned;

        var tenant = Hash(tenantId);
        var (best, weight) = (_shards[0].Name, Mix(tenant, _shards[0].Hash));
        foreach (var (name, hash) in _shards.AsSpan(1))
        {
            var candidate = Mix(tenant, hash);
            if (candidate > weight)
                (best, weight) = (name, candidate);
        }

        return best;
    }

    /// <summary>FNV-1a over UTF-8.</summary>
    private static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 1099511628211UL;
        return hash;
    }

    /// <summary>The finaliser of SplitMix64 over both: FNV alone is too regular in its upper bits for weights to be independent.</summary>
    private static ulong Mix(ulong tenant, ulong shard)
    {
        var mixed = tenant ^ (shard * 0x9E3779B97F4A7C15UL);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
