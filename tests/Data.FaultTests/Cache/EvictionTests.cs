using System.Globalization;
using System.Text.RegularExpressions;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.FaultTests.Cache;

/// <summary>A Redis without memory left, under each of its policies.</summary>
public sealed class EvictionTests
{
    private const int Keys = 200;
    private static readonly DataCacheEntryOptions Long = new() { Expiration = TimeSpan.FromHours(1) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Policies =>
    [
        "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    ];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task RemoveByTagAsync_GenerationsEvicted_NewNodesServeNoneOfTheValues(string policy)
    {
        await using var redis = await RedisServer.StartAsync(
            new RedisServerOptions { Settings = { ["maxmemory"] = "24mb", ["maxmemory-policy"] = policy } },
            Cancellation);
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        for (var i = 0; i < Keys; i++)
            await node.Cache.SetAsync($"k{i}", "old", Long, [$"t{i}"], Cancellation);
        for (var i = 0; i < Keys; i++)
            await node.Cache.RemoveByTagAsync($"t{i}", Cancellation);
        await PressAsync(redis, node);

        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        for (var i = 0; i < Keys; i++)
        {
            (await newcomer.Cache.TryGetAsync<string>($"k{i}", Cancellation)).Found.ShouldBeFalse($"k{i}");
            (await node.Cache.TryGetAsync<string>($"k{i}", Cancellation)).Found.ShouldBeFalse($"k{i}");
        }

        // What is made from now on is shared again.
        if (policy != "noeviction")
        {
            await node.Cache.SetAsync("k0", "new", Long, ["t0"], Cancellation);
            await Until.TrueAsync(
                async () => (await newcomer.Cache.TryGetAsync<string>("k0", Cancellation)).Value == "new",
                "The new value did not reach the new node");
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task RemoveAsync_TombstonesEvictedWhileAFactoryRuns_IsNotOvertakenByItsResult(string policy)
    {
        await using var redis = await RedisServer.StartAsync(
            new RedisServerOptions { Settings = { ["maxmemory"] = "24mb", ["maxmemory-policy"] = policy } },
            Cancellation);
        await using var making = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await using var removing = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        var release = new TaskCompletionSource<string>();
        var running = 0;
        var calls = Enumerable.Range(0, 20).Select(i => making.Cache.GetOrCreateAsync(
            $"k{i}",
            async (_, _) =>
            {
                Interlocked.Increment(ref running);
                return await release.Task;
            },
            Long,
            cancellationToken: Cancellation).AsTask()).ToArray();
        await Until.TrueAsync(() => running == 20, "The factories did not start");
        for (var i = 0; i < 10; i++)
            await removing.Cache.RemoveAsync($"k{i}", Cancellation);
        await removing.Cache.RemoveByPatternAsync(KeyPattern.Prefix("k1"), cancellationToken: Cancellation);
        await PressAsync(redis, removing);
        release.SetResult("old");
        await Task.WhenAll(calls);

        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        foreach (var node in new[] { making, removing, newcomer })
        {
            for (var i = 0; i < 20; i++)
                (await node.Cache.TryGetAsync<string>($"k{i}", Cancellation)).Found.ShouldBeFalse($"k{i}");
        }
    }

    [Fact]
    public async Task RemoveAsync_TombstoneEvictedWhileTheFactorysNodeIsCutOff_IsNotOvertakenByItsResult()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var making = await (await CacheNode.StartBehindProxyAsync(redis)).ConnectedAsync();
        await using var removing = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        var call = await HeldCall.StartAsync(making.Cache, "k", Long);
        making.Proxy.RefuseNewConnections();
        making.Proxy.ResetAll();
        await Until.TrueAsync(() => making.Link == CacheLinkState.Disconnected, "The cut was not noticed");
        await removing.Cache.RemoveAsync("k", Cancellation);
        await EvictAsync(redis);
        making.Proxy.AcceptAgain();
        await Until.TrueAsync(() => making.IsSettled, "The node did not recover");
        (await call.ReleaseAsync("old")).ShouldBe("old");

        foreach (var node in new[] { making, removing })
            (await node.Cache.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
        await making.Cache.SetAsync("k", "new", Long, cancellationToken: Cancellation);
        (await removing.Cache.TryGetAsync<string>("k", Cancellation)).Value.ShouldBe("new");
    }

    [Fact]
    public async Task Eviction_OfEveryKeyThatTellsOfARemoval_NewNodeServesNothing()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await EvictAsync(redis);
        await using (var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync())
        {
            await node.Cache.SetAsync("k", "old", Long, ["t"], Cancellation);
            await node.Cache.RemoveByTagAsync("t", Cancellation);
        }

        (await redis.ExecuteAsync("DEL", "f:clock:{f}", "f:incarnation:{f}", "f:g:{f}::*", "f:g:{f}::t")).ShouldBe(4L);
        (await redis.ExecuteAsync("EXISTS", "f:v::k")).ShouldBe(1L);
        await using var first = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await using var second = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        foreach (var node in new[] { first, second })
            (await node.Cache.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
        await first.Cache.SetAsync("k", "new", Long, ["t"], Cancellation);
        (await second.Cache.TryGetAsync<string>("k", Cancellation)).Value.ShouldBe("new");
    }

    [Fact]
    public async Task Eviction_OfTheTagServersOwnKeys_RemovesEverything()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        foreach (var key in new[] { "f:incarnation:{f}", "f:g:{f}::*" })
        {
            await node.Cache.SetAsync("k", 1, Long, cancellationToken: Cancellation);
            (await redis.ExecuteAsync("DEL", key)).ShouldBe(1L);
            await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<int>("k", Cancellation)).Found, "Nothing was removed");
            await Task.Delay(300, Cancellation);
        }

        await node.Cache.SetAsync("k", 2, Long, cancellationToken: Cancellation);
        await Task.Delay(500, Cancellation);
        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        (await newcomer.Cache.TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(2);
    }

    [Fact]
    public async Task TryGetAsync_TagNeverRemovedAndNothingEvicted_IsServedByANewNode()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        var tenant = node.Cache.ForTenant("acme");
        await tenant.SetAsync("k", 1, Long, ["t"], Cancellation);
        await Task.Delay(500, Cancellation);
        await using var newcomer = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        (await newcomer.Cache.ForTenant("acme").TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(1);
    }

    /// <summary>Makes the server evict every key that has a lifetime, then gives it memory again.</summary>
    private static async Task EvictAsync(RedisServer redis)
    {
        await redis.ExecuteAsync("SET", "other", new string('x', 100_000), "EX", "7200");
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "volatile-lru");
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await Until.TrueAsync(
            async () => Regex.Match((string)(await redis.ExecuteAsync("INFO", "keyspace"))!, @"expires=(\d+)").Groups[1].Value is "" or "0",
            "Not all was evicted");
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
    }

    /// <summary>Fills the memory twice over with other values, some of them over the cache, and reads none.</summary>
    private static async Task PressAsync(RedisServer redis, CacheNode node)
    {
        await redis.ExecuteAsync(
            "EVAL",
            "for i = 1, 6000 do redis.pcall('SET', 'other:' .. i, string.rep('x', 8000), 'EX', 7200) end",
            "0");
        var remote = new DataCacheEntryOptions { Expiration = TimeSpan.FromMinutes(5), Flags = HybridCacheEntryFlags.DisableLocalCache };
        for (var i = 0; i < 100; i++)
        {
            var key = "press" + i.ToString(CultureInfo.InvariantCulture);
            await node.Cache.SetAsync(key, new string('x', 8000), remote, cancellationToken: Cancellation);
        }
    }
}
