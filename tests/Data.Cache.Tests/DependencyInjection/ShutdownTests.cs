using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Data.Cache.Tests.DependencyInjection;

/// <summary>The container holds one cache under several service types, and views of it, and disposes each of them.</summary>
public sealed class ShutdownTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StopAsync_BackgroundServiceThatTakesHybridCache_EndsWithoutAnException()
    {
        var redis = await SharedServers.RedisAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddDataCache(options => options.Configuration = redis.ConnectionString);
        builder.Services.AddHostedService<Worker>();
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        var cache = host.Services.GetRequiredService<DataCache>();
        await host.StopAsync(Cancellation);

        await ((IAsyncDisposable)host).DisposeAsync();
        await ((IAsyncDisposable)cache).DisposeAsync();
        (await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2), cancellationToken: Cancellation)).ShouldBe(2);
    }

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData(null)]
    public void Dispose_Synchronous_EndsWithoutAnException(string? configuration)
    {
        var services = new ServiceCollection();
        services.AddDataCache(options => options.Configuration = configuration);
        var provider = services.BuildServiceProvider();
        provider.GetRequiredService<HybridCache>().ShouldBeSameAs(provider.GetRequiredService<DataCache>());

        provider.Dispose();
        (provider as IDisposable).Dispose();
    }

    [Fact]
    public async Task Dispose_ScopedView_LeavesTheCacheConnected()
    {
        var redis = await SharedServers.RedisAsync();
        var services = new ServiceCollection();
        services.AddDataCache(options =>
        {
            options.Configuration = redis.ConnectionString;
            options.KeyPrefix = "s" + Guid.NewGuid().ToString("N")[..12];
        });
        services.AddScoped<DelegatingDataCache>(provider =>
            (DelegatingDataCache)provider.GetRequiredService<DataCache>().ForTenant("acme").ForNamespace("n"));
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();
        await Eventually.BeAsync(() => Task.FromResult(cache.GetStatistics().Link == CacheLinkState.Connected));

        for (var request = 0; request < 3; request++)
        {
            await using (var scope = provider.CreateAsyncScope())
            {
                var view = scope.ServiceProvider.GetRequiredService<DelegatingDataCache>();
                await view.SetAsync("k", request, cancellationToken: Cancellation);
            }

            using (var scope = provider.CreateScope())
            {
                var view = scope.ServiceProvider.GetRequiredService<DelegatingDataCache>();
                (await view.TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(request);
            }
        }

        cache.GetStatistics().Link.ShouldBe(CacheLinkState.Connected);
    }

    private sealed class Worker(HybridCache cache) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
            await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: stoppingToken);
    }
}
