namespace Data.Resilience.Sharding;

/// <summary>Settings of the shards over which one context's tenants are spread.</summary>
public sealed class ShardOptions
{
    /// <summary>
    /// Connection string of each shard by its name; at least one. A name has 1–63 characters and must never change: it determines where
    /// tenants are looked for.
    /// </summary>
    public IDictionary<string, string> ConnectionStrings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Connection strings of the replicas of each shard that has any, by the shard's name; each with a single host. Default: empty.
    /// </summary>
    /// <remarks>
    /// Reads of a tenant whose consistency allows it go to the replicas of its shard. The settings of <c>AddReplicas</c> apply to them;
    /// without that call they are the defaults. A token names the history of the shard that it comes from; on another shard it is served
    /// by that shard's primary.
    /// </remarks>
    public IDictionary<string, IList<string>> Replicas { get; } = new Dictionary<string, IList<string>>(StringComparer.Ordinal);

    /// <summary>Shard of each tenant that is not placed by hashing; each value names a shard.</summary>
    public IDictionary<string, string> Pins { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
