using Data.Cache;
using Data.TestServers;

namespace Data.Conformance.Caches;

public sealed class LocalCacheConformanceTests : ScopeConformance
{
    protected override Task<DataCache> CreateAsync() => Task.FromResult(DataCacheFactory.Create(new DataCacheOptions()));
}

public sealed class RedisCacheConformanceTests : ScopeConformance
{
    protected override Task<DataCache> CreateAsync() => RedisCaches.ConnectedAsync(OutageMode.Strict);
}

public sealed class FallbackCacheConformanceTests : ScopeConformance
{
    protected override Task<DataCache> CreateAsync() => RedisCaches.ConnectedAsync(OutageMode.Local);
}

/// <summary>Redis was never there: the local level must behave as a cache all the same.</summary>
public sealed class AwayCacheConformanceTests : CacheConformance
{
    protected override async Task<DataCache> CreateAsync()
    {
        // Port 1 of the loopback refuses at once.
        var cache = DataCacheFactory.Create(new DataCacheOptions { Configuration = "127.0.0.1:1", ConnectTimeout = TimeSpan.FromMilliseconds(200) });
        await Eventually.BeAsync(() => Task.FromResult(cache.GetStatistics().Link == CacheLinkState.Away));
        return cache;
    }
}

internal static class RedisCaches
{
    public static async Task<DataCache> ConnectedAsync(OutageMode mode, Action<DataCacheOptions>? configure = null)
    {
        var redis = await SharedServers.RedisAsync();
        var options = new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = "t" + Guid.NewGuid().ToString("N")[..12], OutageMode = mode };
        configure?.Invoke(options);
        var cache = DataCacheFactory.Create(options);
        await Eventually.BeAsync(() => Task.FromResult(cache.GetStatistics().Link == CacheLinkState.Connected));
        return cache;
    }
}
