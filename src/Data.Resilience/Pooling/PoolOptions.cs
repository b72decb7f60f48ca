namespace Data.Resilience.Pooling;

/// <summary>Settings of the connection pool and its monitor.</summary>
public sealed class PoolOptions
{
    /// <summary>Maximum number of connections per process. Default: null (the connection string's). Range: 1–1,024.</summary>
    public int? MaxSize { get; set; }

    /// <summary>
    /// Number of connections kept open when idle. Default: null (the connection string's). Range: 0–<see cref="MaxSize"/>.
    /// </summary>
    public int? MinSize { get; set; }

    /// <summary>
    /// Time that a session waits for a free connection, in whole seconds. Default: null (the connection string's). Range: 1 s–17 min.
    /// </summary>
    /// <remarks>
    /// Limited to 80 % of <c>Retry:AttemptTimeout</c>, so that an exhausted pool is reported as such before the attempt ends.
    /// </remarks>
    public TimeSpan? WaitTimeout { get; set; }

    /// <summary>
    /// Age at which a connection is replaced when it is returned, in whole seconds; zero means never. Default: null (the connection
    /// string's). Range: 0–24 h.
    /// </summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// Idle time after which a connection is tested by one round trip before it is handed out. Default: null (never). Range: 0 or more.
    /// </summary>
    public TimeSpan? PrePingAfter { get; set; }

    /// <summary>Time limit of that test. Default: 2 s. Range: 1 ms–1 min.</summary>
    public TimeSpan PrePingTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Time after which a held connection is reported together with the stack that opened it; stacks are captured only when this is set.
    /// Default: null (never). Range: 10 ms or more.
    /// </summary>
    public TimeSpan? LeakThreshold { get; set; }

    /// <summary>Number of connections opened when the host starts. Default: 0. Range: 0–<see cref="MaxSize"/>.</summary>
    public int WarmUpCount { get; set; }
}
