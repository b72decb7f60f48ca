namespace Data.Resilience.Replicas;

/// <summary>Settings of the read replicas of one context's database.</summary>
public sealed class ReplicaOptions
{
    /// <summary>
    /// Gets the connection string of each replica. At least one, each naming one standby. Pool, TLS and password settings of the primary
    /// apply to them too.
    /// </summary>
    public IList<string> ConnectionStrings { get; } = [];

    /// <summary>
    /// Gets or sets how often the primary and the replicas are asked where they stand. Default: 500 ms. Legal: 10 ms to 1 min.
    /// </summary>
    /// <remarks>
    /// One short query each. A replica's staleness is known to about this precision, so a bound below it is served by the primary.
    /// </remarks>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets or sets how long one of these checks may take. Default: 2 s. Legal: 10 ms to 1 min.</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the staleness above which a replica is ejected, whatever a read would accept. Default: 30 s. Legal: 100 ms to 1 day.
    /// </summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many checks in a row must fail before a replica is ejected. Default: 2. Legal: 1 to 100.</summary>
    public int FailureThreshold { get; set; } = 2;

    /// <summary>
    /// Gets or sets how many checks in a row must be good before an ejected replica serves again. Default: 2. Legal: 1 to 100.
    /// </summary>
    public int RecoveryThreshold { get; set; } = 2;

    /// <summary>
    /// Gets or sets how long a read waits for a replica to replay the commit its token names before the primary serves it. Default: 100 ms.
    /// Legal: zero (no wait) to 1 min.
    /// </summary>
    public TimeSpan TokenWait { get; set; } = TimeSpan.FromMilliseconds(100);
}
