namespace Data.TestServers;

/// <summary>How a test's Redis cluster runs.</summary>
public sealed class RedisClusterOptions
{
    /// <summary>Whether each primary gets a replica, so that it can fail over; false by default.</summary>
    public bool Replicas { get; init; }

    /// <summary>The password of all nodes; null or empty, the default, asks for none.</summary>
    public string? Password { get; init; }

    /// <summary>How long a node may be silent before the others give it up; one second by default.</summary>
    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Lines for the nodes' redis.conf, by name, such as "cluster-require-full-coverage".</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
