using Data.TestServers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Distributed;

/// <summary>Expirations by a clock that passes by hand.</summary>
public sealed class CacheAsDistributedTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _provider;
    private readonly IDistributedCache _cache;

    public CacheAsDistributedTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddDataCache(options =>
        {
            options.ExpirationJitter = 0.5;
            options.DefaultExpiration = TimeSpan.FromSeconds(1);
        }).AsDistributedCache();
        _provider = services.BuildServiceProvider();
        _cache = _provider.GetRequiredService<IDistributedCache>();
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public void Get_BeforeTheAbsoluteExpiration_IsFoundWhateverTheJitter()
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(100) };
        for (var i = 0; i < 50; i++)
            _cache.SetString("k" + i, "v", options);
        _time.Advance(TimeSpan.FromSeconds(99));
        for (var i = 0; i < 50; i++)
            _cache.GetString("k" + i).ShouldBe("v");
        _time.Advance(TimeSpan.FromSeconds(1));
        _cache.GetString("k0").ShouldBeNull();
    }

    [Fact]
    public void Get_SlidingExpiration_EndsAtTheAbsoluteOneAllTheSame()
    {
        _cache.SetString("k", "v", new DistributedCacheEntryOptions
        {
            AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(25),
            SlidingExpiration = TimeSpan.FromMinutes(10),
        });
        for (var minutes = 8; minutes < 25; minutes += 8)
        {
            _time.Advance(TimeSpan.FromMinutes(8));
            _cache.GetString("k").ShouldBe("v");
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        _cache.GetString("k").ShouldBeNull();
    }

    [Fact]
    public void Get_NoExpiration_LivesForAYear()
    {
        _cache.SetString("k", "v");
        _time.Advance(TimeSpan.FromDays(364));
        _cache.GetString("k").ShouldBe("v");
        _time.Advance(TimeSpan.FromDays(1));
        _cache.GetString("k").ShouldBeNull();
    }

    [Fact]
    public async Task Get_SameKeyInTheCacheItself_IsAnotherEntry()
    {
        var cache = _provider.GetRequiredService<DataCache>();
        await cache.SetAsync("k", new byte[] { 9 }, cancellationToken: TestContext.Current.CancellationToken);
        _cache.Get("k").ShouldBeNull();
        _cache.SetString("k", "v");
        (await cache.TryGetAsync<byte[]>("k", TestContext.Current.CancellationToken)).Value.ShouldBe([9]);
    }

    [Fact]
    public async Task Refresh_RemovedOrExpired_DoesNotBringItBack()
    {
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(1) };
        _cache.SetString("removed", "v", sliding);
        _cache.SetString("expired", "v", sliding);
        _cache.SetString("tagged", "v", sliding);
        _cache.Remove("removed");
        _cache.Refresh("removed");
        _cache.GetString("removed").ShouldBeNull();
        await _provider.GetRequiredService<DataCache>().RemoveByTagAsync("*", TestContext.Current.CancellationToken);
        _cache.Refresh("tagged");
        _cache.GetString("tagged").ShouldBeNull();
        _time.Advance(TimeSpan.FromMinutes(1));
        _cache.Refresh("expired");
        _cache.GetString("expired").ShouldBeNull();
    }

    [Fact]
    public async Task Get_SlidingEntryGoneInRedis_IsNotServedByTheLocalLevel()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var services = new ServiceCollection();
        services.AddDataCache(options => options.Configuration = redis.ConnectionString).AsDistributedCache();
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<IDistributedCache>();
        await Eventually.BeAsync(() =>
            provider.GetRequiredService<DataCache>().GetStatistics().Link == CacheLinkState.Connected);
        cache.SetString("k", "v", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1) });
        cache.GetString("k").ShouldBe("v");
        (await redis.ExecuteAsync("DEL", "dc:v::IDistributedCache:k")).ShouldBe(1L);
        cache.GetString("k").ShouldBeNull();
    }
}
