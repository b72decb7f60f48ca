using System.Net;
using Data.Cache;
using Data.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Data.Conformance.Caches;

/// <summary>The framework's own users of a distributed cache run over this one unchanged.</summary>
public sealed class DistributedCacheUsersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_TwoNodesOverOneRedis_FollowsTheVisitor()
    {
        var redis = await SharedServers.RedisAsync();
        var prefix = "s" + Guid.NewGuid().ToString("N")[..12];
        await using var first = await StartAsync(redis.ConnectionString, prefix);
        await using var second = await StartAsync(redis.ConnectionString, prefix);
        using var handler = new HttpClientHandler { CookieContainer = new CookieContainer() };
        using var visitor = new HttpClient(handler);
        for (var visit = 1; visit <= 6; visit++)
        {
            var node = visit % 2 == 0 ? first : second;
            (await visitor.GetStringAsync(node.Urls.Single() + "/visit", Cancellation)).ShouldBe($"{visit}");
        }

        using var stranger = new HttpClient();
        (await stranger.GetStringAsync(first.Urls.Single() + "/visit", Cancellation)).ShouldBe("1");
        (await visitor.GetStringAsync(first.Urls.Single() + "/end", Cancellation)).ShouldBe("ended");
        (await visitor.GetStringAsync(second.Urls.Single() + "/visit", Cancellation)).ShouldBe("1");
    }

    [Fact]
    public async Task HybridCacheOfTheFramework_OverRedis_SharesValuesBetweenNodes()
    {
        var redis = await SharedServers.RedisAsync();
        var prefix = "h" + Guid.NewGuid().ToString("N")[..12];
        await using var first = await HybridAsync(redis.ConnectionString, prefix);
        await using var second = await HybridAsync(redis.ConnectionString, prefix);
        var one = first.GetRequiredService<HybridCache>();
        one.ShouldNotBeAssignableTo<DataCache>();
        var runs = 0;
        ValueTask<List<int>> MakeAsync(CancellationToken token) => ValueTask.FromResult(new List<int> { ++runs });
        (await one.GetOrCreateAsync("k", MakeAsync, tags: ["t"], cancellationToken: Cancellation)).ShouldBe([1]);
        var two = second.GetRequiredService<HybridCache>();
        await Eventually.BeAsync(async () => await second.GetRequiredKeyedService<IDistributedCache>("second").GetAsync("k", Cancellation)
            is not null);
        (await two.GetOrCreateAsync("k", MakeAsync, tags: ["t"], cancellationToken: Cancellation)).ShouldBe([1]);
        await one.RemoveAsync("k", Cancellation);
        var fresh = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCache };
        (await two.GetOrCreateAsync("k", MakeAsync, fresh, cancellationToken: Cancellation)).ShouldBe([2]);
    }

    [Fact]
    public async Task Sliding_ReadOnAnotherNode_LivesOnForBothAndARemovalEndsItForBoth()
    {
        var redis = await SharedServers.RedisAsync();
        var prefix = "n" + Guid.NewGuid().ToString("N")[..12];
        await using var first = await HybridAsync(redis.ConnectionString, prefix);
        await using var second = await HybridAsync(redis.ConnectionString, prefix);
        var one = first.GetRequiredKeyedService<IDistributedCache>("second");
        var two = second.GetRequiredKeyedService<IDistributedCache>("second");
        await one.SetStringAsync("k", "v", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(3) }, Cancellation);
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            (await two.GetStringAsync("k", Cancellation)).ShouldBe("v");
        }

        (await one.GetStringAsync("k", Cancellation)).ShouldBe("v");
        await two.RemoveAsync("k", Cancellation);
        await Eventually.BeAsync(async () => await one.GetStringAsync("k", Cancellation) is null);
        (await two.GetStringAsync("k", Cancellation)).ShouldBeNull();
    }

    private static async Task<ServiceProvider> HybridAsync(string configuration, string prefix)
    {
        var services = new ServiceCollection();
        services.AddKeyedDataCache("second", options =>
        {
            (options.Configuration, options.KeyPrefix) = (configuration, prefix);
            options.OutageMode = OutageMode.Strict;
        }).AsDistributedCache();
        services.AddHybridCache(options => options.DistributedCacheServiceKey = "second");
        var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredKeyedService<DataCache>("second");
        await Eventually.BeAsync(() => cache.GetStatistics().Link == CacheLinkState.Connected);
        return provider;
    }

    private static async Task<WebApplication> StartAsync(string configuration, string prefix)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDataCache(options => (options.Configuration, options.KeyPrefix) = (configuration, prefix)).AsDistributedCache();

        // The cookie of a session is protected by keys that real nodes share.
        Microsoft.AspNetCore.DataProtection.DataProtectionBuilderExtensions.PersistKeysToFileSystem(
            Microsoft.Extensions.DependencyInjection.DataProtectionServiceCollectionExtensions.AddDataProtection(builder.Services),
            Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), prefix)));
        builder.Services.AddSession();
        var app = builder.Build();
        app.UseSession();
        app.MapGet("/visit", (HttpContext context) =>
        {
            var visits = (context.Session.GetInt32("visits") ?? 0) + 1;
            context.Session.SetInt32("visits", visits);
            return visits.ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
        app.MapGet("/end", (HttpContext context) =>
        {
            context.Session.Clear();
            return "ended";
        });
        await app.StartAsync(Cancellation);
        return app;
    }
}
