using Data.TestServers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace Data.Benchmarks.Cache.Peers;

/// <summary>FusionCache over Redis with its backplane.</summary>
/// <remarks>
/// Its defaults wait for Redis as long as the client does. Here it has what its documentation advises for a second level: a soft and a hard
/// time-out, for which Data.Cache's defaults are taken, and a circuit breaker.
/// </remarks>
internal sealed class FusionCachePeer : ICachePeer
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SoftLimit = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan HardLimit = TimeSpan.FromSeconds(1);
    private readonly FusionCache _cache;
    private readonly FusionCacheEntryOptions _options;
    private readonly FusionCacheEntryOptions _remoteOnly;
    private readonly RedisCache? _redis;

    private FusionCachePeer(FusionCache cache, RedisCache? redis, long? size)
    {
        _cache = cache;
        _redis = redis;
        _options = Options(size);
        _remoteOnly = Options(size).SetSkipMemoryCacheRead().SetSkipMemoryCacheWrite();
    }

    public string Name => "FusionCache 2.9.0";

    public static ICachePeer Connect(RedisServer redis)
    {
        var distributed = new RedisCache(new RedisCacheOptions { Configuration = redis.ConnectionString });
        var cache = new FusionCache(new FusionCacheOptions { DistributedCacheCircuitBreakerDuration = TimeSpan.FromSeconds(1) });
        cache.SetupDistributedCache(distributed, new FusionCacheSystemTextJsonSerializer());
        cache.SetupBackplane(new RedisBackplane(new RedisBackplaneOptions { Configuration = redis.ConnectionString }));
        return new FusionCachePeer(cache, distributed, size: null);
    }

    /// <summary>The local level alone, with room for so many entries.</summary>
    public static ICachePeer WithRoom(int entries)
    {
        var memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = entries });
        return new FusionCachePeer(new FusionCache(new FusionCacheOptions(), memory), redis: null, size: 1);
    }

    public ValueTask<string> ReadAsync(string key) =>
        _cache.GetOrSetAsync<string>(key, static (_, _) => throw new InvalidOperationException("Not a hit."), default, _options);

    public ValueTask<string> ReadRemoteAsync(string key) =>
        _cache.GetOrSetAsync<string>(key, static (_, _) => throw new InvalidOperationException("Not a hit."), default, _remoteOnly);

    public ValueTask<string> GetOrCreateAsync(string key, Func<CancellationToken, ValueTask<string>> factory) =>
        _cache.GetOrSetAsync<string>(key, (_, token) => factory(token).AsTask(), default, _options);

    public ValueTask SetAsync(string key, string value) => _cache.SetAsync(key, value, _options);

    public ValueTask DisposeAsync()
    {
        _cache.Dispose();
        _redis?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static FusionCacheEntryOptions Options(long? size) => new(Lifetime)
    {
        Size = size,
        DistributedCacheSoftTimeout = SoftLimit,
        DistributedCacheHardTimeout = HardLimit,
    };
}
