using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Data.Cache.Tests.Redis;

/// <summary>Redis answers and still does not serve: the user may not write, the memory is full, the password is wrong.</summary>
public sealed class AccessCheckTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-set", "NOPERM")]
    [InlineData("-get", "read: NOPERM")]
    [InlineData("-del -unlink", "removal: NOPERM")]
    public async Task Check_UserWithoutTheRight_IsDegradedAndSaysWhichUntilItHasIt(string rights, string fault)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await redis.ExecuteAsync(["ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", .. rights.Split(' ')]);
        await using var cache = new Node($"{redis.EndPoint},user=app,password=secret");
        await Eventually.BeAsync(() => cache.Statistics is { Link: not CacheLinkState.Connecting, LinkFault: not null });
        cache.Statistics.LinkFault.ShouldBe(fault);
        var health = await new DataCacheHealthCheck(cache.Cache).CheckHealthAsync(new HealthCheckContext(), Cancellation);
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description!.ShouldContain(fault);
        health.Data["link_fault"].ShouldBe(fault);

        await redis.ExecuteAsync("ACL", "SETUSER", "app", "+@all");
        await cache.ServedAsync();
        health = await new DataCacheHealthCheck(cache.Cache).CheckHealthAsync(new HealthCheckContext(), Cancellation);
        health.Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Check_MemoryIsFull_SaysSoAndLeavesNoKeyBehindLater()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await using var cache = new Node(redis.ConnectionString);
        await Eventually.BeAsync(() => cache.Statistics.LinkFault == "write: OOM");
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await cache.ServedAsync();
        ((object?[])(await redis.ExecuteAsync("KEYS", "*check*"))!).ShouldBeEmpty();
    }

    [Fact]
    public async Task Fault_WrongPassword_NamesTheReasonWithoutTheHost()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Password = "right" }, Cancellation);
        var cache = DataCacheFactory.Create(new DataCacheOptions { Configuration = $"{redis.EndPoint},password=wrong" });
        await using var owner = (IAsyncDisposable)cache;
        await Eventually.BeAsync(() => cache.GetStatistics().Link == CacheLinkState.Disconnected);
        cache.GetStatistics().LinkFault.ShouldNotBeNullOrEmpty();
        cache.GetStatistics().LinkFault!.ShouldNotContain("127.0.0.1");
        var health = await new DataCacheHealthCheck(cache).CheckHealthAsync(new HealthCheckContext(), Cancellation);
        health.Description!.ShouldContain(cache.GetStatistics().LinkFault!);
    }

    [Theory]
    [InlineData(OutageMode.Local)]
    [InlineData(OutageMode.NoOp)]
    [InlineData(OutageMode.Strict)]
    public async Task ConnectOnStart_RedisIsNotThere_FailsTheStartInStrictModeAlone(OutageMode mode)
    {
        using var host = Host(options => (options.Configuration, options.OutageMode) = ("127.0.0.1:1", mode));
        if (mode != OutageMode.Strict)
        {
            await host.StartAsync(Cancellation);
            await host.StopAsync(Cancellation);
            return;
        }

        var failure = await Should.ThrowAsync<CacheUnavailableException>(host.StartAsync(Cancellation));
        failure.Message.ShouldContain("Redis does not serve the cache (");
        failure.Message.ShouldNotContain("127.0.0.1");
    }

    [Fact]
    public async Task ConnectOnStart_StrictAndRedisServes_StartsConnected()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        using var host = Host(options => (options.Configuration, options.OutageMode) = (redis.ConnectionString, OutageMode.Strict));
        await host.StartAsync(Cancellation);
        host.Services.GetRequiredService<DataCache>().GetStatistics().Link.ShouldBe(CacheLinkState.Connected);
    }

    private static IHost Host(Action<DataCacheOptions> configure)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddDataCache(configure).ConnectOnStart();
        return builder.Build();
    }

    private sealed class Node(string configuration) : IAsyncDisposable
    {
        public DataCache Cache { get; } = DataCacheFactory.Create(new DataCacheOptions
        {
            Configuration = configuration,
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            BreakDuration = TimeSpan.FromMilliseconds(500),
        });

        public DataCacheStatistics Statistics => Cache.GetStatistics();

        public Task ServedAsync() => Eventually.BeAsync(() => Statistics is { Link: CacheLinkState.Connected, LinkFault: null });

        public ValueTask DisposeAsync() => ((IAsyncDisposable)Cache).DisposeAsync();
    }
}
