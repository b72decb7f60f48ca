using System.Globalization;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Logging;

namespace Data.FaultTests.Cache;

/// <summary>A Redis that comes back, or goes on, without what it had acknowledged: no removed value may be served again.</summary>
public sealed class ForgetfulRedisTests
{
    private const int DataLost = 2002;
    private static readonly string[] Removed = ["key", "tagged", "pattern:1"];
    private static readonly DataCacheEntryOptions Long = new() { Expiration = TimeSpan.FromHours(1) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_FromASnapshotOfBeforeTheRemovals_ServesNoneOfTheValues(bool newNodeComesFirst)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var first = await CacheNode.StartBehindProxyAsync(redis);
        await using var second = await CacheNode.StartBehindProxyAsync(redis);
        await FillAsync(first, second);
        await redis.ExecuteAsync("SAVE");
        await RemoveAsync(first, second);
        await PassAsync(heartbeats: 3);
        await redis.KillAsync();
        if (newNodeComesFirst)
        {
            first.Proxy.RefuseNewConnections();
            second.Proxy.RefuseNewConnections();
        }

        await redis.StartAgainAsync(Cancellation);
        (await redis.ExecuteAsync("EXISTS", "f:v::key")).ShouldBe(1L);
        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await ServesNoneAsync(newcomer);
        if (newNodeComesFirst)
        {
            first.Proxy.AcceptAgain();
            second.Proxy.AcceptAgain();
        }

        await Until.TrueAsync(() => first.IsSettled && second.IsSettled, "The nodes did not recover");
        foreach (var node in new[] { first, second, newcomer })
            await ServesNoneAsync(node);
        await ServesNewValuesAsync(first, newcomer);
    }

    [Fact]
    public async Task Restart_WithAllData_KeepsTheValues()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await node.Cache.SetAsync("kept", 1, Long, cancellationToken: Cancellation);
        await node.Cache.SetAsync("tagged", 1, Long, ["t"], Cancellation);
        await PassAsync(heartbeats: 3);
        await redis.ExecuteAsync("SAVE");
        await redis.KillAsync();
        await redis.StartAgainAsync(Cancellation);
        await Until.TrueAsync(() => node.Cache.GetStatistics().LinkChanges >= 3 && node.IsSettled, "The node did not recover");

        (await node.Cache.TryGetAsync<int>("kept", Cancellation)).Value.ShouldBe(1);
        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        (await newcomer.Cache.TryGetAsync<int>("kept", Cancellation)).Value.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Promotion_OfALaggingReplica_ServesNoneOfTheValues(bool remembersTheLastHeartbeat)
    {
        // With a long interval the replica has seen the last heartbeat, so that only the repeated removals help.
        var interval = remembersTheLastHeartbeat ? TimeSpan.FromMinutes(1) : TimeSpan.FromMilliseconds(200);
        await using var primary = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var replica = await RedisServer.StartAsync(Replica(primary), Cancellation);
        await using var node = await CacheNode.StartBehindProxyAsync(primary, configure: options => options.HeartbeatInterval = interval);
        await node.ConnectedAsync();
        await FillAsync(node);
        await node.Cache.SetAsync("kept", 1, Long, cancellationToken: Cancellation);
        await node.Cache.SetAsync("overwritten", 1, Long, cancellationToken: Cancellation);
        await Until.TrueAsync(async () => await replica.ExecuteAsync("EXISTS", "f:v::overwritten") is 1L, "The replica did not follow");
        await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await RemoveAsync(node);
        await node.Cache.SetAsync("overwritten", 2, Long, cancellationToken: Cancellation);
        if (!remembersTheLastHeartbeat)
            await PassAsync(heartbeats: 3);

        node.Proxy.Retarget(replica.Host, replica.Port);
        await primary.KillAsync();
        await Until.TrueAsync(() => node.Cache.GetStatistics().LinkChanges >= 3 && node.IsSettled, "The node did not recover");
        await using var newcomer = await CacheNode.Start(replica.ConnectionString).ConnectedAsync();
        foreach (var each in new[] { node, newcomer })
        {
            await ServesNoneAsync(each);
            (await each.Cache.TryGetAsync<int>("overwritten", Cancellation)).Value.ShouldNotBe(1);
            (await each.Cache.TryGetAsync<int>("kept", Cancellation)).Found.ShouldBe(remembersTheLastHeartbeat);
        }

        await ServesNewValuesAsync(node, newcomer);
    }

    [Fact]
    public async Task Takeover_ByALaggingReplicaOfACluster_ServesNoneOfTheValues()
    {
        await using var cluster = await RedisCluster.StartAsync(new RedisClusterOptions { Replicas = true }, Cancellation);
        await using var node = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        await using var other = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        for (var i = 0; i < 60; i++)
            await node.Cache.SetAsync($"k{i}", "old", Long, ["t"], Cancellation);
        await PassAsync(heartbeats: 3);
        var tags = await cluster.OwnerOfAsync(await cluster.SlotOfAsync("{f}"));

        // One primary, not that of the tags: only its own heartbeat can tell.
        var primary = cluster.Primaries.First(each => each != tags);
        var replica = cluster.Replicas[cluster.Primaries.ToList().IndexOf(primary)];
        // A replica that is refused PSYNC asks by SYNC.
        await primary.ExecuteAsync("ACL", "SETUSER", "default", "-psync", "-sync");
        await primary.ExecuteAsync("CLIENT", "KILL", "TYPE", "replica");
        for (var i = 0; i < 60; i++)
            await node.Cache.RemoveAsync($"k{i}", Cancellation);
        await PassAsync(heartbeats: 3);
        ((object?[])((object?[])(await replica.ExecuteAsync("SCAN", "0", "MATCH", "f:v:*", "COUNT", "1000"))!)[1]!).ShouldNotBeEmpty();
        await primary.KillAsync();
        await replica.ExecuteAsync("CLUSTER", "FAILOVER", "TAKEOVER");
        await cluster.FailOverAsync(replica, Cancellation);
        await Until.TrueAsync(() => node.IsSettled && other.IsSettled, "The nodes did not recover", seconds: 40);
        await PassAsync(heartbeats: 2);

        await using var newcomer = await CacheNode.Start(string.Join(',', cluster.Nodes.Where(each => each.IsRunning)
            .Select(each => each.EndPoint))).ConnectedAsync();
        foreach (var each in new[] { node, other, newcomer })
        {
            for (var i = 0; i < 60; i++)
                (await each.Cache.TryGetAsync<string>($"k{i}", Cancellation)).Found.ShouldBeFalse($"k{i}");
        }

        // The loss is dealt with once.
        await node.Cache.SetAsync("k0", "new", Long, cancellationToken: Cancellation);
        await PassAsync(heartbeats: 3);
        (await node.Cache.TryGetAsync<string>("k0", Cancellation)).Found.ShouldBeTrue();
        (await newcomer.Cache.TryGetAsync<string>("k0", Cancellation)).Found.ShouldBeTrue();
    }

    [Fact]
    public async Task FlushAll_NodeWithoutAMemoryComesFirst_ServesNotWhatWasRemoved()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var making = await CacheNode.StartBehindProxyAsync(redis);
        await making.ConnectedAsync();
        var call = await HeldCall.StartAsync(making.Cache, "k", Long);
        await using (var removing = await CacheNode.Start(redis.ConnectionString).ConnectedAsync())
            await removing.Cache.RemoveAsync("k", Cancellation);
        making.Proxy.RefuseNewConnections();
        making.Proxy.ResetAll();
        await Until.TrueAsync(() => making.Link == CacheLinkState.Disconnected, "The cut was not noticed");
        await redis.ExecuteAsync("FLUSHALL");
        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        making.Proxy.AcceptAgain();
        await Until.TrueAsync(() => making.IsSettled, "The node did not recover");
        (await call.ReleaseAsync("old")).ShouldBe("old");
        foreach (var node in new[] { making, newcomer })
            (await node.Cache.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FlushAll_WhileAFactoryRuns_ServesNotWhatWasRemovedMeanwhile(bool inACluster)
    {
        await using var cluster = inACluster ? await RedisCluster.StartAsync(cancellationToken: Cancellation) : null;
        await using var single = inACluster ? null : await RedisServer.StartAsync(cancellationToken: Cancellation);
        var configuration = cluster?.ConnectionString ?? single!.ConnectionString;
        await using var making = await CacheNode.Start(configuration).ConnectedAsync();
        await using var removing = await CacheNode.Start(configuration).ConnectedAsync();
        await using var third = await CacheNode.Start(configuration).ConnectedAsync();
        await PassAsync(heartbeats: 2);
        var call = await HeldCall.StartAsync(making.Cache, "k", Long);
        await removing.Cache.RemoveAsync("k", Cancellation);
        foreach (var server in cluster?.Primaries ?? [single!])
            await server.ExecuteAsync("FLUSHALL");
        await PassAsync(heartbeats: 3);
        (await call.ReleaseAsync("old")).ShouldBe("old");

        foreach (var node in new[] { making, removing, third })
        {
            (await node.Cache.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
            node.Cache.GetStatistics().LinkChanges.ShouldBe(1);
        }

        await ServesNewValuesAsync(making, third);
    }

    [Fact]
    public async Task Start_OnARedisOfVersion010_RemovesEverythingOnce()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using (var old = await CacheNode.Start(redis.ConnectionString).ConnectedAsync())
            await old.Cache.SetAsync("k", "old", Long, cancellationToken: Cancellation);

        // That version kept its incarnation under another name.
        (await redis.ExecuteAsync("DEL", "f:incarnation:{f}")).ShouldBe(1L);
        await using var first = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        (await first.Cache.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
        await first.Cache.SetAsync("k", "new", Long, cancellationToken: Cancellation);
        await using var second = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        (await second.Cache.TryGetAsync<string>("k", Cancellation)).Value.ShouldBe("new");
    }

    [Fact]
    public async Task Heartbeats_OfANodeOfVersion010_AreNoLoss()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await node.Cache.SetAsync("k", 1, Long, ["t"], Cancellation);
        for (var i = 1; i <= 5; i++)
        {
            // Its heartbeats raise the clock alone, and have no body.
            await redis.ExecuteAsync(
                "EVAL",
                "local now = redis.call('GET', KEYS[1]) + 1000000; redis.call('SET', KEYS[1], string.format('%.0f', now)) "
                + "return redis.call('PUBLISH', 'f:bus', struct.pack('>I1I8I8I8', 4, 7, ARGV[1], now))",
                "1",
                "f:clock:{f}",
                i.ToString(CultureInfo.InvariantCulture));
            await PassAsync(heartbeats: 1);
        }

        node.Cache.GetStatistics().LinkChanges.ShouldBe(1);
        (await node.Cache.TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(1);
    }

    [Fact]
    public async Task FlushAll_IsLoggedOncePerNode()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        using var log = new EventCounts();
        using var logging = LoggerFactory.Create(builder => builder.AddProvider(log));
        await using var first = await CacheNode.Start(redis.ConnectionString, logging: logging).ConnectedAsync();
        await using var second = await CacheNode.Start(redis.ConnectionString, logging: logging).ConnectedAsync();
        await PassAsync(heartbeats: 2);
        log.Of(DataLost).ShouldBe(0);
        await redis.ExecuteAsync("FLUSHALL");
        await Until.TrueAsync(() => log.Of(DataLost) == 2, "The loss was not logged");
        await PassAsync(heartbeats: 4);
        log.Of(DataLost).ShouldBe(2);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(30 * 60)]
    [InlineData(2 * 60 * 60)]
    [InlineData(24 * 60 * 60)]
    public async Task ClockSetBack_RemovalsBeforeAndAfter_ServesNoneOfTheValues(int seconds)
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { SettableClock = true }, Cancellation);
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await using var other = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await node.Cache.SetAsync("before", "old", Long, cancellationToken: Cancellation);
        await node.Cache.RemoveAsync("before", Cancellation);
        await node.Cache.SetAsync("untouched", "kept", Long, cancellationToken: Cancellation);
        await FillAsync(node, other);
        await PassAsync(heartbeats: 1);
        await redis.SetClockAsync(TimeSpan.FromSeconds(-seconds));
        await RemoveAsync(node, other);
        await PassAsync(heartbeats: 3);
        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        foreach (var each in new[] { node, other, newcomer })
        {
            await ServesNoneAsync(each);
            (await each.Cache.TryGetAsync<string>("before", Cancellation)).Found.ShouldBeFalse();

            // A step of more than a minute is taken for a loss.
            (await each.Cache.TryGetAsync<string>("untouched", Cancellation)).Found.ShouldBe(seconds < 60);
        }

        if (seconds >= 60)
            node.Cache.GetStatistics().LocalEntries.ShouldBe(0);

        // Neither the tombstones nor the stamps of before keep new values out of either level.
        foreach (var key in Removed.Append("before").Append("untouched"))
        {
            (await node.Cache.GetOrCreateAsync(key, static (_, _) => ValueTask.FromResult("new"), Long, cancellationToken: Cancellation))
                .ShouldBe(key == "untouched" && seconds < 60 ? "kept" : "new");
            // A caller has its value before Redis has it, and the local level after that.
            await Until.TrueAsync(async () => (await other.Cache.TryGetAsync<string>(key, Cancellation)).Found, key + " was not stored");
        }

        await Until.TrueAsync(() => node.Cache.GetStatistics().LocalEntries == 5, "A value did not enter the local level");
        await ServesNewValuesAsync(node, newcomer);
        await other.Cache.RemoveAsync("key", Cancellation);
        await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<string>("key", Cancellation)).Found, "The removal was not seen");
        node.Cache.GetStatistics().LinkChanges.ShouldBe(1);
    }

    private static RedisServerOptions Replica(RedisServer primary) => new()
    {
        Settings = { ["replicaof"] = $"{primary.Host} {primary.Port}", ["repl-diskless-sync-delay"] = "0" },
    };

    private static async Task FillAsync(params CacheNode[] nodes)
    {
        var cache = (await nodes[0].ConnectedAsync()).Cache;
        await cache.SetAsync("key", "old", Long, cancellationToken: Cancellation);
        await cache.SetAsync("tagged", "old", Long, ["tag"], Cancellation);
        await cache.SetAsync("pattern:1", "old", Long, cancellationToken: Cancellation);
        foreach (var node in nodes)
        {
            await node.ConnectedAsync();
            foreach (var key in Removed)
                (await node.Cache.TryGetAsync<string>(key, Cancellation)).Value.ShouldBe("old");
        }
    }

    private static async Task RemoveAsync(params CacheNode[] nodes)
    {
        await nodes[0].Cache.RemoveAsync("key", Cancellation);
        await nodes[^1].Cache.RemoveByTagAsync("tag", Cancellation);
        (await nodes[0].Cache.RemoveByPatternAsync(KeyPattern.Prefix("pattern:"), cancellationToken: Cancellation)).Count.ShouldBe(1);
    }

    private static async Task ServesNoneAsync(CacheNode node)
    {
        foreach (var key in Removed)
            (await node.Cache.TryGetAsync<string>(key, Cancellation)).Found.ShouldBeFalse(key);
    }

    private static async Task ServesNewValuesAsync(CacheNode writer, CacheNode reader)
    {
        await writer.Cache.SetAsync("key", "new", Long, ["tag"], Cancellation);
        await Until.TrueAsync(
            async () => (await reader.Cache.TryGetAsync<string>("key", Cancellation)).Value == "new",
            "The new value did not reach the other node");
    }

    private static Task PassAsync(int heartbeats) =>
        Task.Delay((CacheNode.Options("", "f").HeartbeatInterval * heartbeats) + TimeSpan.FromMilliseconds(100), Cancellation);
}
