using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Benchmarks.Cache.Peers;

/// <summary>The framework's HybridCache over its own Redis cache, with their defaults.</summary>
internal sealed class HybridCachePeer : ICachePeer
{
    private static readonly HybridCacheEntryOptions RemoteOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;

    private HybridCachePeer(IServiceCollection services)
    {
        services.AddHybridCache();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public string Name => "HybridCache 10.0.0";

    public static ICachePeer Connect(RedisServer redis) =>
        new HybridCachePeer(new ServiceCollection().AddStackExchangeRedisCache(options => options.Configuration = redis.ConnectionString));

    /// <summary>The local level alone, with room for so many values like the given one, as it counts them.</summary>
    public static ICachePeer WithRoom(int entries, string value) =>
        new HybridCachePeer(new ServiceCollection().AddMemoryCache(options => options.SizeLimit = (long)entries * value.Length));

    public ValueTask<string> ReadAsync(string key) => _cache.GetOrCreateAsync(key, 0, static (_, _) => Miss.Of<string>());

    public ValueTask<string> ReadRemoteAsync(string key) =>
        _cache.GetOrCreateAsync(key, 0, static (_, _) => Miss.Of<string>(), RemoteOnly);

    public ValueTask<string> GetOrCreateAsync(string key, Func<CancellationToken, ValueTask<string>> factory) =>
        _cache.GetOrCreateAsync(key, factory, static (factory, token) => factory(token));

    public ValueTask SetAsync(string key, string value) => _cache.SetAsync(key, value);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
