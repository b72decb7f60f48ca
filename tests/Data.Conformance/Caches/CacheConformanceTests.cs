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
public sealed class DisconnectedCacheConformanceTests : CacheConformance
{
    protected override async Task<DataCache> CreateAsync()
    {
        // Port 1 of the loopback refuses at once.
        var cache = DataCacheFactory.Create(
            new DataCacheOptions { Configuration = "127.0.0.1:1", ConnectTimeout = TimeSpan.FromMilliseconds(200) });
        await Eventually.BeAsync(() => Task.FromResult(cache.GetStatistics().Link == CacheLinkState.Disconnected));
        return cache;
    }
}

internal static class RedisCaches
{
    public static async Task<DataCache> ConnectedAsync(OutageMode mode, Action<DataCacheOptions>? configure = null)
    {
        var redis = await SharedServers.RedisAsync();
        var options = new DataCacheOptions
        {
            Configuration = redis.ConnectionString,
            KeyPrefix = "t" + Guid.NewGuid().ToString("N")[..12],
            OutageMode = mode
        };
        configure?.Invoke(options);
        var cache = DataCacheFactory.Create(options);
        await Eventually.BeAsync(() => Task.FromResult(cache.GetStatistics().Link == CacheLinkState.Connected));
        return cache;
    }
}

/// <summary>Three primaries: keys, tags and leases spread over slots.</summary>
public sealed class ClusterCacheConformanceTests : ScopeConformance
{
    protected override async Task<DataCache> CreateAsync()
    {
        var cluster = await SharedServers.RedisClusterAsync();
        return await RedisCaches.ConnectedAsync(OutageMode.Strict, options => options.Configuration = cluster.ConnectionString);
    }

    [Fact]
    public async Task RemoveByPatternAsync_KeysOnEverySlot_RemovesThemAllAndCleansTheOtherNode()
    {
        var cluster = await SharedServers.RedisClusterAsync();
        var prefix = "c" + Guid.NewGuid().ToString("N")[..12];
        void Configure(DataCacheOptions options) => (options.Configuration, options.KeyPrefix) = (cluster.ConnectionString, prefix);
        var first = await RedisCaches.ConnectedAsync(OutageMode.Strict, Configure);
        await using var firstOwner = (IAsyncDisposable)first;
        var second = await RedisCaches.ConnectedAsync(OutageMode.Strict, Configure);
        await using var secondOwner = (IAsyncDisposable)second;
        var keys = Enumerable.Range(0, 600).Select(static i => i % 3 == 0 ? $"many:{{{i}}}:{i}" : $"many:{i}").ToArray();
        await first.SetManyAsync(
            keys.Select(static key => KeyValuePair.Create(key, 1)).ToArray(),
            tags: ["tag"],
            cancellationToken: Cancellation);
        await first.SetAsync("other", 1, cancellationToken: Cancellation);
        (await second.GetManyAsync<int>(keys, Cancellation)).ShouldAllBe(static result => result.Found);

        (await first.RemoveByPatternAsync(KeyPattern.Prefix("many:"), cancellationToken: Cancellation)).Count.ShouldBe(keys.Length);
        await Eventually.BeAsync(async () => (await second.GetManyAsync<int>(keys, Cancellation)).All(static result => !result.Found));
        (await second.TryGetAsync<int>("other", Cancellation)).Found.ShouldBeTrue();
    }

    [Fact]
    public async Task RemoveByTagAsync_ValuesOnEveryPrimary_AreGoneOnBothNodes()
    {
        var cluster = await SharedServers.RedisClusterAsync();
        var prefix = "c" + Guid.NewGuid().ToString("N")[..12];
        void Configure(DataCacheOptions options) => (options.Configuration, options.KeyPrefix) = (cluster.ConnectionString, prefix);
        var first = await RedisCaches.ConnectedAsync(OutageMode.Strict, Configure);
        await using var firstOwner = (IAsyncDisposable)first;
        var second = await RedisCaches.ConnectedAsync(OutageMode.Strict, Configure);
        await using var secondOwner = (IAsyncDisposable)second;
        var keys = Enumerable.Range(0, 60).Select(static i => $"k{i}").ToArray();
        for (var round = 1; round <= 5; round++)
        {
            foreach (var key in keys)
            {
                (await first.GetOrCreateAsync(key, _ => ValueTask.FromResult(round), tags: ["tag"], cancellationToken: Cancellation))
                    .ShouldBe(round);
            }

            await second.GetManyAsync<int>(keys, Cancellation);
            await first.RemoveByTagAsync("tag", Cancellation);
            (await first.GetManyAsync<int>(keys, Cancellation)).ShouldAllBe(static result => !result.Found);
            await Eventually.BeAsync(async () => (await second.GetManyAsync<int>(keys, Cancellation)).All(static result => !result.Found));
        }
    }
}
