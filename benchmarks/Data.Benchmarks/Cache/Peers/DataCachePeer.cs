using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Benchmarks.Cache.Peers;

/// <summary>Data.Cache with its defaults.</summary>
internal sealed class DataCachePeer : ICachePeer
{
    private static readonly DataCacheEntryOptions RemoteOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private readonly DataCache _cache;

    private DataCachePeer(DataCache cache) => _cache = cache;

    public string Name => "Data.Cache";

    public static async Task<ICachePeer> ConnectAsync(RedisServer redis) => new DataCachePeer(await RemoteSetup.ConnectAsync(redis));

    /// <summary>The local level alone, with room for so many entries like the given one.</summary>
    public static async Task<ICachePeer> WithRoomAsync(int entries, string key, string value)
    {
        var probe = DataCacheFactory.Create(new DataCacheOptions());
        await probe.SetAsync(key, value);
        return new DataCachePeer(DataCacheFactory.Create(
            new DataCacheOptions { LocalSizeLimitBytes = probe.GetStatistics().LocalBytes * entries }));
    }

    public ValueTask<string> ReadAsync(string key) => _cache.GetOrCreateAsync(key, 0, static (_, _) => Miss.Of<string>())!;

    public ValueTask<string> ReadRemoteAsync(string key) =>
        _cache.GetOrCreateAsync(key, 0, static (_, _) => Miss.Of<string>(), RemoteOnly)!;

    public ValueTask<string> GetOrCreateAsync(string key, Func<CancellationToken, ValueTask<string>> factory) =>
        _cache.GetOrCreateAsync(key, factory, static (factory, token) => factory(token))!;

    public ValueTask SetAsync(string key, string value) => _cache.SetAsync(key, value);

    public ValueTask DisposeAsync() => _cache is IAsyncDisposable owner ? owner.DisposeAsync() : ValueTask.CompletedTask;
}
