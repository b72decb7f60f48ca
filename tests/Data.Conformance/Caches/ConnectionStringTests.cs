using System.Reflection;
using Data.Cache;
using Data.TestServers;
using StackExchange.Redis;

namespace Data.Conformance.Caches;

/// <summary>What a connection string may ask of the client: users, addresses, protocols. Runs on every client that is tested.</summary>
public sealed class ConnectionStringTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData(",protocol=resp3")]
    public async Task Configuration_NamesAUser_LogsOnAsThatUserOnEveryConnection(string protocol)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await redis.ExecuteAsync("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all");
        await redis.ExecuteAsync("ACL", "SETUSER", "default", "off");

        await RoundTripAsync($"{redis.EndPoint},user=app,password=secret{protocol}");
    }

    [Fact]
    public async Task Configuration_NamesAUserWithTheWrongPassword_IsDisconnected()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await redis.ExecuteAsync("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all");
        await redis.ExecuteAsync("ACL", "SETUSER", "default", "off");
        var cache = DataCacheFactory.Create(new DataCacheOptions { Configuration = $"{redis.EndPoint},user=app,password=wrong" });
        await using var owner = (IAsyncDisposable)cache;
        await Eventually.BeAsync(() => Task.FromResult(cache.GetStatistics().Link == CacheLinkState.Disconnected));
        (await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task Configuration_IPv6Address_Connects()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await redis.ExecuteAsync("CONFIG", "SET", "bind", "127.0.0.1 ::1");
        await RoundTripAsync("[::1]:" + redis.EndPoint.Split(':')[^1]);
    }

    [Theory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Configuration_NamesTheProtocol_IsSpoken(string protocol)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await RoundTripAsync($"{redis.EndPoint},protocol={protocol}");
    }

    /// <summary>Version 3 of the client has two under both protocols.</summary>
    [Theory]
    [InlineData("", 1)]
    [InlineData(",protocol=resp3", 1)]
    [InlineData(",protocol=resp2", 2)]
    public async Task Configuration_Protocol_DecidesWhetherMessagesHaveAConnectionOfTheirOwn(string protocol, int connections)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var cache = await RedisCaches.ConnectedAsync(OutageMode.Strict, Configure);
        await using var owner = (IAsyncDisposable)cache;
        await cache.SetAsync("k", 1, cancellationToken: Cancellation);

        var clients = ((string)(await redis.ExecuteAsync("CLIENT", "LIST"))!).Split('\n');
        var expected = typeof(ConnectionMultiplexer).Assembly.GetName().Version!.Major > 2 ? 2 : connections;
        clients.Count(static client => client.Contains(" name=node ", StringComparison.Ordinal)).ShouldBe(expected);

        void Configure(DataCacheOptions options) => options.Configuration = redis.ConnectionString + ",name=node" + protocol;
    }

    /// <summary>
    /// The switch must exchange the client alone: a cache that is compiled again would hide members that a consumer lacks.
    /// </summary>
    [Fact]
    public void Client_OfThisRun_IsTheOneAskedForAndTheCacheIsCompiledAgainstTheFloor()
    {
        var wanted = typeof(ConnectionStringTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .ToDictionary(data => data.Key, data => data.Value, StringComparer.Ordinal);
        var client = typeof(ConnectionMultiplexer).Assembly;
        client.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version.ShouldStartWith(wanted["RedisClientVersion"] + ".");

        var compiled = typeof(DataCache).Assembly.GetReferencedAssemblies().Single(name => name.Name == client.GetName().Name);
        compiled.Version!.Major.ShouldBe(Version.Parse(wanted["RedisClientFloor"]!).Major);
    }

    /// <summary>Reads, writes and removes by key, tag and pattern, over two nodes.</summary>
    private static async Task RoundTripAsync(string configuration)
    {
        void Configure(DataCacheOptions options) => (options.Configuration, options.KeyPrefix) = (configuration, "c");
        var first = await RedisCaches.ConnectedAsync(OutageMode.Strict, Configure);
        await using var firstOwner = (IAsyncDisposable)first;
        var second = await RedisCaches.ConnectedAsync(OutageMode.Strict, Configure);
        await using var secondOwner = (IAsyncDisposable)second;
        await first.SetAsync("key", 1, tags: ["tag"], cancellationToken: Cancellation);
        await first.SetAsync("many:1", 1, cancellationToken: Cancellation);
        (await second.TryGetAsync<int>("key", Cancellation)).Value.ShouldBe(1);
        (await second.TryGetAsync<int>("many:1", Cancellation)).Value.ShouldBe(1);

        await first.RemoveByTagAsync("tag", Cancellation);
        await Eventually.BeAsync(async () => !(await second.TryGetAsync<int>("key", Cancellation)).Found);
        (await first.RemoveByPatternAsync(KeyPattern.Prefix("many:"), cancellationToken: Cancellation)).Count.ShouldBe(1);
        await Eventually.BeAsync(async () => !(await second.TryGetAsync<int>("many:1", Cancellation)).Found);
    }
}
