namespace Data.Resilience.Sharding;

/// <summary>Settings of the shards over which one context's tenants are spread.</summary>
public sealed class ShardOptions
{
    /// <summary>
    /// Gets the connection string of each shard by its name. At least one. A name is 1 to 63 characters and must never change: it decides
    /// where tenants are looked for.
    /// </summary>
    public IDictionary<string, string> ConnectionStrings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Gets the tenants that do not lie where hashing puts them, with their shard. Default: none. Each must name a shard.
    /// </summary>
    public IDictionary<string, string> Pins { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
