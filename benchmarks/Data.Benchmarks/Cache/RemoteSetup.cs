using Data.Cache;
using Data.TestServers;

namespace Data.Benchmarks.Cache;

/// <summary>A private Redis and caches over it.</summary>
internal static class RemoteSetup
{
    public static async Task<DataCache> ConnectAsync(RedisServer redis, Action<DataCacheOptions>? configure = null)
    {
        var options = new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = "b" };
        configure?.Invoke(options);
        var cache = DataCacheFactory.Create(options);
        while (cache.GetStatistics().Link != CacheLinkState.Connected)
            await Task.Delay(10);
        return cache;
    }
}
