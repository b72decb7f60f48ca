namespace Data.Cache;

/// <summary>Settings of one cache.</summary>
public sealed class DataCacheOptions
{
    /// <summary>
    /// Connection string of Redis as StackExchange.Redis reads it, also with <c>password=</c>; <c>user=</c> needs version 2.2 of it or
    /// newer. Default null: no Redis, the local level alone. Legal: at least one host.
    /// </summary>
    public string? Configuration { get; set; }

    /// <summary>
    /// First part of every key in Redis, so that applications share a server. Default "dc". Legal: 1 to 64 letters, digits, <c>-</c>,
    /// <c>_</c> or <c>.</c>.
    /// </summary>
    public string KeyPrefix { get; set; } = "dc";

    /// <summary>What happens while Redis is away. Default <see cref="OutageMode.Local"/>.</summary>
    public OutageMode OutageMode { get; set; } = OutageMode.Local;

    /// <summary>Lifetime of an entry that names none. Default 5 minutes. Legal: 1 ms to 365 days.</summary>
    public TimeSpan DefaultExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Lifetime in the local level of an entry that names none. Default null: the entry's own. Legal: 1 ms to 365 days.</summary>
    public TimeSpan? DefaultLocalExpiration { get; set; }

    /// <summary>Lifetime of null results. Default 30 s. Legal: zero (null is not cached) to 365 days.</summary>
    public TimeSpan NegativeExpiration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much a lifetime is shortened at random, so that entries made together do not expire together. Default 0.1 (up to 10 %). Legal: 0
    /// to 0.5.
    /// </summary>
    public double ExpirationJitter { get; set; } = 0.1;

    /// <summary>
    /// How long past its expiration a value may be served when the factory fails or is slow. Default zero: no fail-safe. Legal: zero to 365
    /// days.
    /// </summary>
    public TimeSpan MaxStale { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How long a stale value served after a failure spares the next callers the same failure. Default 1 s. Legal: zero to 1 h.
    /// </summary>
    public TimeSpan StaleRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a caller waits for the factory when a stale value is at hand. Default 1 s. Legal: 1 ms to 1 h.</summary>
    public TimeSpan FactorySoftTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a factory may run at all. Default 30 s. Legal: 1 ms to 1 h.</summary>
    public TimeSpan FactoryHardTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Fraction of the lifetime after which a hit starts one refresh in the background. Default 0: never. Legal: 0 to below 1.
    /// </summary>
    public double EagerRefreshThreshold { get; set; }

    /// <summary>Bound of the local level in bytes, as accounted. Default 64 MiB. Legal: 0 (no local level) to 1 TiB.</summary>
    public long LocalSizeLimitBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Largest serialised value that is cached, in bytes. Default 1 MiB. Legal: 1 KiB to 256 MiB.</summary>
    public int MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Serialised size from which values are compressed in Redis, in bytes. Default 16 KiB. Legal: 256 or more; <see cref="int.MaxValue"/>
    /// never compresses.
    /// </summary>
    public int CompressionThresholdBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// How long a read that has an alternative waits for Redis. Default 250 ms. Legal: 1 ms to <see cref="RemoteHardTimeout"/>.
    /// </summary>
    public TimeSpan RemoteSoftTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long any call waits for Redis. Default 1 s. Legal: 1 ms to 1 minute.</summary>
    public TimeSpan RemoteHardTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one attempt to connect may take. Default 5 s. Legal: 100 ms to 1 minute.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Failed share of calls that opens the breaker. Default 0.5. Legal: above 0 to 1.</summary>
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>Calls within <see cref="BreakerSamplingDuration"/> before the breaker judges. Default 4. Legal: 2 or more.</summary>
    public int BreakerMinimumThroughput { get; set; } = 4;

    /// <summary>Window over which the breaker judges. Default 5 s. Legal: 500 ms to 10 minutes.</summary>
    public TimeSpan BreakerSamplingDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between two probes of a Redis that is away, jittered. Default 1 s. Legal: 500 ms to 10 minutes.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Failed probes in a row after which the connection is thrown away and made anew. Default 3. Legal: 1 or more.</summary>
    public int ProbesBeforeRebuild { get; set; } = 3;

    /// <summary>
    /// How long a lease on running a factory lasts before its holder counts as dead; renewed while the holder lives. Default 5 s. Legal:
    /// 500 ms to 10 minutes.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between two heartbeats on the invalidation channel. Default 1 s. Legal: 100 ms to 1 minute.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long removals are remembered in Redis, and so the longest outage after which queued writes are replayed as writes. Default 10
    /// minutes. Legal: 10 s to 1 day.
    /// </summary>
    public TimeSpan ReplayWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long the removal of a tag is remembered in Redis; entries that have tags, or belong to a tenant or namespace, live at most so
    /// long. Default 30 days. Legal: 1 minute to 10 years.
    /// </summary>
    public TimeSpan TagRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Writes and removals kept for replay. Default 10,000. Legal: 1 or more. Beyond it everything cached is dropped when Redis is back.
    /// </summary>
    public int ReplayQueueLimit { get; set; } = 10_000;
}
