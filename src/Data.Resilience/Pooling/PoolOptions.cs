namespace Data.Resilience.Pooling;

/// <summary>Settings of the connection pool and of what watches it.</summary>
public sealed class PoolOptions
{
    /// <summary>Most connections per process; null (default) leaves it to the connection string. Legal: 1 to 1,024.</summary>
    public int? MaxSize { get; set; }

    /// <summary>
    /// Connections kept open when idle; null (default) leaves it to the connection string. Legal: 0 to <see cref="MaxSize"/>.
    /// </summary>
    public int? MinSize { get; set; }

    /// <summary>
    /// How long a session waits for a free connection; null (default) leaves it to the connection string. Whole seconds. Legal: 1 s to 17
    /// min.
    /// </summary>
    /// <remarks>
    /// At most 80 % of <c>Retry:AttemptTimeout</c> counts, so that an exhausted pool shows as such before the attempt is over.
    /// </remarks>
    public TimeSpan? WaitTimeout { get; set; }

    /// <summary>
    /// Age at which a connection is replaced when it comes back; null (default) leaves it to the connection string. Whole seconds. Legal:
    /// zero (never) to 24 hours.
    /// </summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// Connections that were idle for longer are tried by one round trip before they are handed out; null (default) means never. Legal:
    /// zero or more.
    /// </summary>
    public TimeSpan? PrePingAfter { get; set; }

    /// <summary>Time limit of that trial. Default: 2 s. Legal: 1 ms to 1 min.</summary>
    public TimeSpan PrePingTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A connection held for longer is reported with the stack that opened it; null (default) means never, and only then is no stack taken.
    /// Legal: 10 ms or more.
    /// </summary>
    public TimeSpan? LeakThreshold { get; set; }

    /// <summary>Connections opened when the host starts. Default: 0. Legal: 0 to <see cref="MaxSize"/>.</summary>
    public int WarmUpCount { get; set; }
}
