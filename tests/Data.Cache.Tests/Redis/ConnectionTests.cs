using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Data.Cache.Tests.Redis;

/// <summary>Where a connection comes from: settings of the client, or a connection of the application's own.</summary>
public sealed class ConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UseConnection_ConfigurationOptions_ConnectsWithWhatAStringCannotHold()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Tls = new TlsOptions() }, Cancellation);
        var configuration = ConfigurationOptions.Parse(redis.ConnectionString);
        configuration.TrustIssuer(redis.Tls!.AuthorityPath);
        var options = new DataCacheOptions { OutageMode = OutageMode.Strict };
        options.UseConnection(configuration);
        configuration.EndPoints.Clear();
        await using var node = await Node.StartAsync(options);

        await node.Cache.SetAsync("k", 1, cancellationToken: Cancellation);
        (await node.Cache.RemoveByPatternAsync(KeyPattern.All, cancellationToken: Cancellation)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task UseConnection_Multiplexer_IsUsedForEverythingAndLeftAsItWas()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using (var first = await Node.StartAsync(multiplexer))
        await using (var second = await Node.StartAsync(multiplexer))
        {
            await first.Cache.SetAsync("k", 1, tags: ["t"], cancellationToken: Cancellation);
            (await second.Cache.TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(1);
            await first.Cache.RemoveByTagAsync("t", Cancellation);
            await Eventually.BeAsync(async () => !(await second.Cache.TryGetAsync<int>("k", Cancellation)).Found);
            for (var i = 0; i < 100; i++)
                await first.Cache.SetAsync("many:" + i, i, cancellationToken: Cancellation);
            (await second.Cache.RemoveByPatternAsync(KeyPattern.Prefix("many:"), cancellationToken: Cancellation)).Count.ShouldBe(100);
            await first.DisposeAsync();
            await second.Cache.SetAsync("k", 2, cancellationToken: Cancellation);
        }

        multiplexer.IsConnected.ShouldBeTrue();
        await Eventually.BeAsync(async () => ((object?[])(await redis.ExecuteAsync("PUBSUB", "CHANNELS", "s:*"))!).Length == 0);
        ((string?)await multiplexer.GetDatabase().StringGetAsync("s:v::k")).ShouldNotBeNull();
    }

    [Fact]
    public async Task UseConnection_MultiplexerLosesItsServer_RecoversOnTheSameMultiplexer()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using var node = await Node.StartAsync(multiplexer);
        await using var other = await Node.StartAsync(new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = "s" });
        for (var round = 0; round < 2; round++)
        {
            await redis.KillAsync();
            await Eventually.BeAsync(() => node.Cache.GetStatistics().Link == CacheLinkState.Disconnected);

            // Long enough for the probes to give the connection up.
            await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
            await redis.StartAgainAsync();
            await node.ConnectedAsync();
            await other.ConnectedAsync();
        }

        await other.Cache.SetAsync("k", 1, cancellationToken: Cancellation);
        (await node.Cache.TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(1);
        await other.Cache.RemoveAsync("k", Cancellation);
        await Eventually.BeAsync(async () => !(await node.Cache.TryGetAsync<int>("k", Cancellation)).Found);
        ((object?[])(await redis.ExecuteAsync("PUBSUB", "NUMSUB", "s:bus"))!)[1].ShouldBe(2L);
    }

    [Fact]
    public async Task Dispose_ApplicationHasClosedItsMultiplexer_EndsWithoutAnException()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using var node = await Node.StartAsync(multiplexer);
        await multiplexer.DisposeAsync();
        await node.Cache.SetAsync("k", 1, cancellationToken: Cancellation);
        (await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2), cancellationToken: Cancellation)).ShouldBe(1);
        await Eventually.BeAsync(() => node.Cache.GetStatistics().Link == CacheLinkState.Disconnected);
    }

    [Fact]
    public async Task SetAsync_MultiplexerThatKeepsABacklogIsDisconnected_IsNotSentLate()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Persistent = true }, Cancellation);
        var configuration = ConfigurationOptions.Parse(redis.ConnectionString);
        configuration.BacklogPolicy = BacklogPolicy.Default;
        configuration.AsyncTimeout = 60_000;
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
        await using var node = await Node.StartAsync(multiplexer);
        await redis.KillAsync();
        await Eventually.BeAsync(() => !multiplexer.IsConnected);
        await node.Cache.SetAsync("k", "old", cancellationToken: Cancellation);
        await node.DisposeAsync();

        await redis.StartAgainAsync();
        await Eventually.BeAsync(() => multiplexer.IsConnected);
        await multiplexer.GetDatabase().PingAsync();
        (await redis.ExecuteAsync("EXISTS", "s:v::k")).ShouldBe(0L);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("shared")]
    public async Task UseConnectionMultiplexer_RegisteredConnection_IsResolvedByItsKeyAndNotDisposed(string? key)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var services = new ServiceCollection();
        var attempts = 0;
        services.AddKeyedSingleton<IConnectionMultiplexer>(
            key,
            (_, _) => ++attempts == 1 ? throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "") : multiplexer);
        services.AddDataCache(options => options.KeyPrefix = "s").UseConnectionMultiplexer(key);
        await using (var provider = services.BuildServiceProvider())
        {
            provider.GetRequiredService<IStartupValidator>().Validate();
            attempts.ShouldBe(0);
            var cache = provider.GetRequiredService<DataCache>();
            await Eventually.BeAsync(() => cache.GetStatistics().Link == CacheLinkState.Connected);
            await cache.SetAsync("k", 1, cancellationToken: Cancellation);
            await ((IAsyncDisposable)cache).DisposeAsync();
            multiplexer.IsConnected.ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(null, "found no IConnectionMultiplexer among the services; register one")]
    [InlineData("shared", "found no IConnectionMultiplexer with the key 'shared'")]
    public void UseConnectionMultiplexer_NothingRegistered_FailsAtStart(string? key, string message)
    {
        var services = new ServiceCollection();
        services.AddKeyedSingleton<IConnectionMultiplexer>("another", (_, _) => null!);
        services.AddDataCache().UseConnectionMultiplexer(key);
        using var provider = services.BuildServiceProvider();
        Should.Throw<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate).Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("", "Configuration names no host; write one")]
    [InlineData("ssl=true", "Configuration names no host; write one")]
    [InlineData("redis:6379,ssl=maybe,password=secret", "the value of 'ssl' is not valid")]
    public void Create_ConfigurationThatCannotBeUsed_SaysWhatIsWrong(string configuration, string message)
    {
        var failure = Should.Throw<OptionsValidationException>(
            () => DataCacheFactory.Create(new DataCacheOptions { Configuration = configuration })).Message;
        failure.ShouldContain(message);
        failure.ShouldNotContain("secret");
    }

    [Fact]
    public void Create_TwoConnectionsOrNone_SaysWhatIsWrong()
    {
        var twice = new DataCacheOptions { Configuration = "redis:6379" };
        twice.UseConnection(ConfigurationOptions.Parse("redis:6379"));
        Should.Throw<OptionsValidationException>(() => DataCacheFactory.Create(twice)).Message.ShouldContain("remove one of them");

        var empty = new DataCacheOptions();
        empty.UseConnection(new ConfigurationOptions());
        Should.Throw<OptionsValidationException>(() => DataCacheFactory.Create(empty)).Message.ShouldContain("has no endpoint");
    }

    private sealed class Node(DataCache cache) : IAsyncDisposable
    {
        public DataCache Cache => cache;

        public static Task<Node> StartAsync(IConnectionMultiplexer multiplexer)
        {
            var options = new DataCacheOptions { KeyPrefix = "s" };
            options.UseConnection(multiplexer);
            return StartAsync(options);
        }

        public static async Task<Node> StartAsync(DataCacheOptions options)
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
            options.BreakDuration = TimeSpan.FromMilliseconds(500);
            options.ProbesBeforeRebuild = 2;
            var node = new Node(DataCacheFactory.Create(options));
            await node.ConnectedAsync();
            return node;
        }

        public Task ConnectedAsync() =>
            Eventually.BeAsync(() => cache.GetStatistics() is { Link: CacheLinkState.Connected, ReplayQueueCount: 0 });

        public ValueTask DisposeAsync() => ((IAsyncDisposable)cache).DisposeAsync();
    }
}
