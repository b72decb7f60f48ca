using System.Diagnostics;
using System.Globalization;
using Data.Cache;
using Data.TestServers;
using StackExchange.Redis;

namespace Data.FaultTests.Cache;

/// <summary>Clients that know nothing of the cache write and remove its keys.</summary>
public sealed class ForeignWriteTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TrackForeignWrites_SetOrDelByAnotherClient_LeavesEveryLocalLevel()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync(redis);
        await using var two = await StartAsync(redis);
        string[][] changes =
        [
            ["SET", "f:v::k", "foreign"], ["DEL", "f:v::k"], ["UNLINK", "f:v::k"], ["EXPIRE", "f:v::k", "0"], ["FLUSHALL"],
            ["EVAL", "redis.call('SET', KEYS[1], 'x')", "1", "f:v::k"], ["COPY", "f:v::other", "f:v::k", "REPLACE"],
        ];
        var value = 0;
        foreach (var change in changes)
        {
            await one.Cache.SetAsync("other", -1);
            await one.Cache.SetAsync("k", ++value);
            (await two.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(0))).ShouldBe(value);
            (await one.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(0))).ShouldBe(value);
            await redis.ExecuteAsync(change);
            foreach (var node in new[] { one, two })
            {
                await Until.TrueAsync(
                    async () => (await node.Cache.TryGetAsync<int>("k")) is var found && (!found.Found || found.Value == -1),
                    $"{change[0]} did not reach the local level");
            }
        }
    }

    [Fact]
    public async Task TrackForeignWrites_ScopesAndOddKeys_AreFound()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis);
        var scope = node.Cache.ForTenant("a:b").ForNamespace("ü*");
        foreach (var key in new[] { "k", "with:colon", "ключ", "{x}" })
        {
            await scope.SetAsync(key, 1);
            var keys = (object?[])(await redis.ExecuteAsync("KEYS", "f:v:*"))!;
            await redis.ExecuteAsync("DEL", (string)keys.Single()!);
            await Until.TrueAsync(async () => !(await scope.TryGetAsync<int>(key)).Found, "The key was not found: " + key);
        }
    }

    [Fact]
    public async Task TrackForeignWrites_OwnWrites_StayInTheLocalLevel()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis);
        for (var i = 0; i < 50; i++)
        {
            await node.Cache.SetAsync("set", i);
            await node.Cache.GetOrCreateAsync("made" + i, _ => ValueTask.FromResult(i));
        }

        // Behind every message about these writes.
        await node.Cache.SetAsync("marker", 1);
        await redis.ExecuteAsync("DEL", "f:v::marker");
        await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<int>("marker")).Found, "The marker stayed");
        var before = node.Cache.GetStatistics().LocalHits;
        for (var i = 0; i < 50; i++)
        {
            (await node.Cache.TryGetAsync<int>("made" + i)).Value.ShouldBe(i);
            (await node.Cache.TryGetAsync<int>("set")).Value.ShouldBe(49);
        }

        (node.Cache.GetStatistics().LocalHits - before).ShouldBeGreaterThanOrEqualTo(90);
    }

    [Fact]
    public async Task TrackForeignWrites_WrittenWhileTheConnectionIsCut_IsSeenAfterTheReconnectAndTrackedAgain()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.StartBehindProxyAsync(redis, configure: static options => options.TrackForeignWrites = true);
        await node.ConnectedAsync();
        for (var round = 0; round < 3; round++)
        {
            await node.Cache.SetAsync("k", round);
            if (round == 1)
                await redis.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            else
                node.Proxy.Freeze();
            await redis.ExecuteAsync("SET", "f:v::k", "foreign");
            await Task.Delay(50, Cancellation);
            node.Proxy.Resume();
            await Until.TrueAsync(
                async () => node.IsSettled && !(await node.Cache.TryGetAsync<int>("k")).Found,
                "Stale after the reconnect");
            await Until.TrueAsync(() => node.IsSettled, "The link did not settle");
            await node.Cache.SetAsync("k", -1);
            await redis.ExecuteAsync("DEL", "f:v::k");
            await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<int>("k")).Found, "Not tracked after the reconnect");
        }
    }

    [Fact]
    public async Task TrackForeignWrites_WrittenWhileAReaderFills_IsNotKept()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var foreign = multiplexer.GetDatabase();
        for (var round = 0; round < 300; round++)
        {
            var key = "race" + round;
            await node.Cache.SetAsync(key, 1);
            var bytes = await foreign.StringGetAsync("f:v::" + key);
            await foreign.KeyDeleteAsync("f:v::" + key);
            await foreign.StringSetAsync("f:v::" + key, bytes);
            var read = node.Cache.TryGetAsync<int>(key).AsTask();
            await foreign.KeyDeleteAsync("f:v::" + key);
            await read;
            await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<int>(key)).Found, "A removed value was kept");
        }
    }

    [Fact]
    public async Task TrackForeignWrites_Latency_IsOneHopAndOneQuestion()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var foreign = multiplexer.GetDatabase();
        var times = new List<double>();
        for (var i = 0; i < 500; i++)
        {
            await node.Cache.SetAsync("k", i);
            (await node.Cache.TryGetAsync<int>("k")).Found.ShouldBeTrue();
            await foreign.StringSetAsync("f:v::k", "foreign");
            var written = Stopwatch.GetTimestamp();
            while ((await node.Cache.TryGetAsync<int>("k")).Found)
                await Task.Yield();
            times.Add(Stopwatch.GetElapsedTime(written).TotalMilliseconds);
        }

        times.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"foreign write to local level: median {times[250]:F2} ms, p99 {times[495]:F2} ms, slowest {times[^1]:F2} ms"));

        // The promise is 5 ms on a quiet machine.
        times[495].ShouldBeLessThan(250);
    }

    [Fact]
    public async Task TrackForeignWrites_ServerRefusesTracking_IsDegradedAndSaysSo()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-client|tracking");
        await using var node = await CacheNode.Start(
            $"{redis.EndPoint},user=app,password=secret",
            configure: static options => options.TrackForeignWrites = true).ConnectedAsync();
        node.Cache.GetStatistics().LinkFault.ShouldBe("tracking: NOPERM");
        await node.Cache.SetAsync("k", 1);
        (await node.Cache.TryGetAsync<int>("k")).Value.ShouldBe(1);
    }

    [Fact]
    public async Task TrackForeignWrites_ClientRefusesTheCommand_IsDegradedAndSaysSo()
    {
        await using var redis = await RedisServer.StartAsync();
        var configuration = ConfigurationOptions.Parse(redis.ConnectionString);
        configuration.CommandMap = CommandMap.Create(["CLIENT"], available: false);
        await using var node = await CacheNode.Start(
            redis.ConnectionString,
            configure: options =>
            {
                options.Configuration = null;
                options.UseConnection(configuration);
                options.TrackForeignWrites = true;
            }).ConnectedAsync();
        node.Cache.GetStatistics().LinkFault.ShouldBe("tracking: refused by the client");
        configuration.AllowAdmin.ShouldBeFalse();
    }

    private static async Task<CacheNode> StartAsync(RedisServer redis)
    {
        var node = await CacheNode.Start(redis.ConnectionString, configure: static options => options.TrackForeignWrites = true)
            .ConnectedAsync();
        node.Cache.GetStatistics().LinkFault.ShouldBeNull();
        return node;
    }
}
