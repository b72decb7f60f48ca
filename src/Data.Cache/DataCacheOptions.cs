using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using StackExchange.Redis;

namespace Data.Cache;

/// <summary>Settings of one cache.</summary>
public sealed class DataCacheOptions
{
    /// <summary>
    /// Connection string of Redis in the format of StackExchange.Redis, such as <c>redis:6379,user=app,password=…</c> or
    /// <c>[::1]:6379</c>; with <c>serviceName=…</c> the hosts are sentinels. Default: null, the connection of <c>UseConnection</c> or else
    /// the local level alone. Range: at least one host.
    /// </summary>
    public string? Configuration { get; set; }

    // A field, because the generated code of a configuration binding covers properties, internal ones too.
    internal ConnectionSource? Connection;

    internal Func<IDistributedCache>? Distributed;

    internal bool HasRedis => Configuration is not null || Connection is not null;

    /// <summary>
    /// First part of every key in Redis, so that applications can share a server. Default: "dc". Range: 1–64 letters, digits, <c>-</c>,
    /// <c>_</c> or <c>.</c>.
    /// </summary>
    public string KeyPrefix { get; set; } = "dc";

    /// <summary>Behavior while Redis is disconnected. Default: <see cref="OutageMode.Local"/>.</summary>
    public OutageMode OutageMode { get; set; } = OutageMode.Local;

    /// <summary>Lifetime of an entry whose options set none. Default: 5 minutes. Range: 1 ms–365 days.</summary>
    public TimeSpan DefaultExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Lifetime in the local level of an entry whose options set none. Default: null, the lifetime of the entry. Range: 1 ms–365 days.
    /// </summary>
    public TimeSpan? DefaultLocalExpiration { get; set; }

    /// <summary>
    /// Flags of calls whose options set none, such as <see cref="HybridCacheEntryFlags.DisableLocalCache"/> for a cache without a local
    /// level. Default: None. Range: flags of <see cref="HybridCacheEntryFlags"/>.
    /// </summary>
    public HybridCacheEntryFlags DefaultFlags { get; set; }

    /// <summary>Lifetime of null results. Default: 30 s. Range: 0–365 days; 0 does not cache null.</summary>
    public TimeSpan NegativeExpiration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Largest share by which a lifetime is shortened at random, so that entries created together do not expire together. Default: 0.1.
    /// Range: 0–0.5.
    /// </summary>
    public double ExpirationJitter { get; set; } = 0.1;

    /// <summary>
    /// How long past its expiration a value may be served when the factory fails or is slow. Default: 0, no fail-safe. Range: 0–365 days.
    /// </summary>
    public TimeSpan MaxStale { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How long a stale value served after a failure is served without running the factory again. Default: 1 s. Range: 0–1 h.
    /// </summary>
    public TimeSpan StaleRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a caller waits for the factory when a stale value exists. Default: 1 s. Range: 1 ms–1 h.</summary>
    public TimeSpan FactorySoftTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a factory may run. Default: 30 s. Range: 1 ms–1 h.</summary>
    public TimeSpan FactoryHardTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Fraction of the lifetime after which a hit starts one refresh in the background. Default: 0, never. Range: 0 to below 1.
    /// </summary>
    public double EagerRefreshThreshold { get; set; }

    /// <summary>
    /// Limit of the local level in bytes: entries with their keys, tags and values. Default: 64 MiB. Range: 0–1 TiB; 0 is no local level.
    /// </summary>
    /// <remarks>
    /// Strings count two bytes a character, byte arrays and copied values their bytes. A shared object that holds others counts what
    /// <see cref="DataCacheBuilder.AddSizer{T}"/> says, or else what deserializing it allocates.
    /// </remarks>
    public long LocalSizeLimitBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Largest serialized value that is cached, in bytes. Default: 1 MiB. Range: 1 KiB–48 MiB.</summary>
    /// <remarks>
    /// A value beyond 48 MiB takes longer on its way to Redis than <see cref="RemoteHardTimeout"/> by default, and other calls wait behind
    /// it.
    /// </remarks>
    public int MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>Characters of the longest key that is cached. Default: 1,024. Range: 1–8,192.</summary>
    /// <remarks>A longer key is not cached and never fails the caller. Tags have at most 1,024 characters.</remarks>
    public int MaximumKeyLength { get; set; } = 1024;

    /// <summary>
    /// Serialized size from which values are compressed in Redis, in bytes. Default: 16 KiB. Range: 256 or more;
    /// <see cref="int.MaxValue"/> never compresses.
    /// </summary>
    public int CompressionThresholdBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// How long a read that has an alternative waits for Redis. Default: 250 ms. Range: 1 ms–<see cref="RemoteHardTimeout"/>.
    /// </summary>
    public TimeSpan RemoteSoftTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long any call waits for Redis. Default: 1 s. Range: 1 ms–1 minute.</summary>
    public TimeSpan RemoteHardTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one attempt to connect may take. Default: 5 s. Range: 100 ms–1 minute.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Share of failed calls that opens the circuit breaker. Default: 0.5. Range: above 0 to 1.</summary>
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>
    /// Calls within <see cref="BreakerSamplingDuration"/> before the circuit breaker can open. Default: 4. Range: 2 or more.
    /// </summary>
    public int BreakerMinimumThroughput { get; set; } = 4;

    /// <summary>Window over which the circuit breaker counts calls. Default: 5 s. Range: 500 ms–10 minutes.</summary>
    public TimeSpan BreakerSamplingDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between two probes of a disconnected Redis, before jitter. Default: 1 s. Range: 500 ms–10 minutes.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Consecutive failed probes after which the connection is discarded and a new one is made. Default: 3. Range: 1 or more.
    /// </summary>
    public int ProbesBeforeRebuild { get; set; } = 3;

    /// <summary>
    /// How long a lease on a factory lasts before its holder counts as dead; renewed while the holder lives. Default: 5 s. Range: 500
    /// ms–10 minutes.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether a write or removal of a value by any other client of Redis leaves every local level too. Default: false. Range: true needs a
    /// single server and a connection of the cache's own.
    /// </summary>
    /// <remarks>
    /// Redis tells each node about every key of a value that changes (<c>CLIENT TRACKING</c> in broadcast mode, Redis 6 or newer). The node
    /// then asks for the stamp of the values that it holds itself. Without it, writes past the cache are seen when an entry expires.
    /// </remarks>
    public bool TrackForeignWrites { get; set; }

    /// <summary>Pause between two heartbeats on the invalidation channel. Default: 1 s. Range: 100 ms–1 minute.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long removals are remembered in Redis, and the longest outage after which queued writes are replayed as writes. Default: 10
    /// minutes. Range: 10 s–1 day.
    /// </summary>
    public TimeSpan ReplayWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long the removal of a tag is remembered in Redis. Entries with tags, and all entries of tenants and namespaces, live no longer.
    /// Default: 30 days. Range: 1 minute–3,650 days.
    /// </summary>
    public TimeSpan TagRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Writes and removals kept for replay. A longer queue is replaced by the removal of everything. Default: 10,000. Range: 1 or more.
    /// </summary>
    public int ReplayQueueLimit { get; set; } = 10_000;

    /// <summary>
    /// Connects with settings that a connection string cannot hold, such as a client certificate, instead of <see cref="Configuration"/>.
    /// </summary>
    /// <param name="configuration">Settings of the client, with at least one endpoint. They are copied; those that the cache relies on
    /// (time-outs, reconnecting, the backlog) are set in the copy.</param>
    /// <exception cref="ArgumentNullException"><paramref name="configuration"/> is null.</exception>
    public void UseConnection(ConfigurationOptions configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Connection = new ConnectionSource(configuration.Clone(), null);
    }

    /// <summary>Uses a connection of the application instead of <see cref="Configuration"/>.</summary>
    /// <param name="multiplexer">The connection. The cache never closes, disposes or replaces it.</param>
    /// <remarks>
    /// Credentials, certificates and reconnecting are the application's. Its <c>BacklogPolicy</c> should be <c>FailFast</c>: the cache
    /// writes nothing while the client is disconnected, but a command that the client keeps at the moment of a disconnection is sent late.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="multiplexer"/> is null.</exception>
    public void UseConnection(IConnectionMultiplexer multiplexer)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);
        UseConnection(_ => Task.FromResult(multiplexer));
    }

    /// <summary>Uses any distributed cache as the second level, instead of Redis.</summary>
    /// <param name="cache">The distributed cache. The cache never disposes it.</param>
    /// <remarks>
    /// An <see cref="IDistributedCache"/> can only get, set and remove one key. Factories run once per key and process, not across nodes.
    /// The removal of a tag or of everything holds on this node, whatever the second level has, and ends with the process. Other nodes
    /// serve their local level until it expires: keep <see cref="DefaultLocalExpiration"/> short. Removal by pattern throws <see
    /// cref="NotSupportedException"/>.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="cache"/> is null.</exception>
    public void UseDistributedCache(IDistributedCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        Distributed = () => cache;
    }

    /// <summary>Uses a connection of the application, made when the cache first needs it, instead of <see cref="Configuration"/>.</summary>
    /// <param name="connect">Returns the connection, the same one each time. Called in the background; after a failure or while Redis does
    /// not answer it is called again, never twice at once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connect"/> is null.</exception>
    public void UseConnection(Func<CancellationToken, Task<IConnectionMultiplexer>> connect)
    {
        ArgumentNullException.ThrowIfNull(connect);
        Connection = new ConnectionSource(null, connect);
    }
}
