using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Logging;

namespace Data.FaultTests.Cache;

/// <summary>A cache as one node of an application: its own connection, through a proxy of its own where links are bent.</summary>
internal sealed class CacheNode(DataCache cache, FaultProxy? proxy) : IAsyncDisposable
{
    public DataCache Cache => cache;

    public FaultProxy Proxy => proxy!;

    public CacheLinkState Link => cache.GetStatistics().Link;

    public bool IsSettled => cache.GetStatistics() is { Link: CacheLinkState.Connected, ReplayQueueCount: 0 };

    public static DataCacheOptions Options(string configuration, string prefix) => new()
    {
        Configuration = configuration,
        KeyPrefix = prefix,
        ConnectTimeout = TimeSpan.FromSeconds(1),
        HeartbeatInterval = TimeSpan.FromMilliseconds(200),
        BreakDuration = TimeSpan.FromMilliseconds(500),
        LeaseDuration = TimeSpan.FromSeconds(1),
    };

    public static CacheNode Start(
        string configuration,
        string prefix = "f",
        Action<DataCacheOptions>? configure = null,
        ILoggerFactory? logging = null)
    {
        var options = Options(configuration, prefix);
        configure?.Invoke(options);
        return new CacheNode(DataCacheFactory.Create(options, loggerFactory: logging), null);
    }

    public static async Task<CacheNode> StartBehindProxyAsync(
        RedisServer redis,
        string prefix = "f",
        Action<DataCacheOptions>? configure = null)
    {
        var proxy = await FaultProxy.StartAsync(redis);
        var options = Options(proxy.EndPoint, prefix);
        configure?.Invoke(options);
        return new CacheNode(DataCacheFactory.Create(options), proxy);
    }

    public async Task<CacheNode> ConnectedAsync()
    {
        await Until.TrueAsync(() => Link == CacheLinkState.Connected, "The link did not come up");
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)cache).DisposeAsync();
        if (proxy is not null)
            await proxy.DisposeAsync();
    }
}

internal static class Until
{
    public static Task TrueAsync(Func<bool> condition, string otherwise, int seconds = 20) =>
        TrueAsync(() => Task.FromResult(condition()), otherwise, seconds);

    public static async Task TrueAsync(Func<Task<bool>> condition, string otherwise, int seconds = 20)
    {
        var until = Environment.TickCount64 + (seconds * 1000);
        while (!await condition())
        {
            (Environment.TickCount64 < until).ShouldBeTrue(otherwise + $" within {seconds} s.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
