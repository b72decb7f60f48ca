namespace Data.Resilience.Replicas;

/// <summary>Settings of the read replicas of one context's database.</summary>
public sealed class ReplicaOptions
{
    /// <summary>
    /// Connection string of each replica; at least one, or none when shards have replicas of their own; each with a single host. The pool,
    /// TLS and password settings of the primary apply to them too.
    /// </summary>
    public IList<string> ConnectionStrings { get; } = [];

    /// <summary>
    /// Interval at which the primary and the replicas are asked for their positions. Default: 500 ms. Range: 10 ms–1 min.
    /// </summary>
    /// <remarks>
    /// One short query each. A replica's staleness is known to about this precision, so a read with a smaller bound is served by the
    /// primary.
    /// </remarks>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time limit of one check. Default: 2 s. Range: 10 ms–1 min.</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Staleness above which a replica is ejected, whatever a read would accept. Default: 30 s. Range: 100 ms–1 day.</summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Number of consecutive failed checks after which a replica is ejected. Default: 2. Range: 1–100.</summary>
    public int FailureThreshold { get; set; } = 2;

    /// <summary>Number of consecutive successful checks after which an ejected replica serves again. Default: 2. Range: 1–100.</summary>
    public int RecoveryThreshold { get; set; } = 2;

    /// <summary>
    /// Time that a read waits for a replica to replay the commit of its token before the primary serves it; zero means no wait. Default:
    /// 100 ms. Range: 0–1 min.
    /// </summary>
    public TimeSpan TokenWait { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the context has shards, which may have the replicas.</summary>
    internal bool HasShards { get; set; }
}
