namespace Data.Resilience.Sharding;

/// <summary>Settings of the shards over which one context's tenants are spread.</summary>
public sealed class ShardOptions
{
    /// <summary>
    /// Connection string of each shard by its name; at least one. A name has 1–63 characters and must never change: it determines where
    /// tenants are looked for.
    /// </summary>
    public IDictionary<string, string> ConnectionStrings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Shard of each tenant that is not placed by hashing; each value names a shard.</summary>
    public IDictionary<string, string> Pins { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
