using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>A server that dies, comes back with its data, or comes back empty.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Start_RedisDown_WorksAndConnectsWhenItComes()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var node = CacheNode.Start(redis.ConnectionString);
        await node.Cache.SetAsync("k", 1);
        (await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2))).ShouldBe(1);
        await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected, "The disconnection was not noticed");

        await redis.StartAgainAsync();
        await Until.TrueAsync(() => node.IsSettled, "The cache did not recover");
        await using var other = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        (await other.Cache.TryGetAsync<int>("k")).Value.ShouldBe(1);
    }

    [Fact]
    public async Task Writes_MadeWhileKilled_AreReplayedAndReachTheOtherNode()
    {
        await using var redis = await RedisServer.StartAsync(
            new RedisServerOptions { Persistent = true, Settings = { ["appendonly"] = "yes", ["appendfsync"] = "always" } });
        await using var first = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await using var second = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        foreach (var key in new[] { "written", "removed", "pattern:1", "untouched" })
            await first.Cache.SetAsync(key, 1);
        await first.Cache.SetAsync("tagged", 1, tags: ["tag"]);
        foreach (var key in new[] { "written", "removed", "pattern:1", "untouched", "tagged" })
            (await second.Cache.TryGetAsync<int>(key)).Found.ShouldBeTrue();

        await redis.KillAsync();
        await first.Cache.SetAsync("written", 2);
        await first.Cache.RemoveAsync("removed");
        await first.Cache.RemoveByTagAsync("tag");
        (await first.Cache.RemoveByPatternAsync(KeyPattern.Prefix("pattern:"))).IsQueued.ShouldBeTrue();
        first.Cache.GetStatistics().ReplayQueueCount.ShouldBe(4);
        await redis.StartAgainAsync();
        await Until.TrueAsync(() => first.IsSettled && second.IsSettled, "The nodes did not recover");

        foreach (var node in new[] { first, second })
        {
            await Until.TrueAsync(async () => (await node.Cache.TryGetAsync<int>("written")).Value == 2, "The own write was not replayed");
            foreach (var key in new[] { "removed", "tagged", "pattern:1" })
                (await node.Cache.TryGetAsync<int>(key)).Found.ShouldBeFalse(key);
            (await node.Cache.TryGetAsync<int>("untouched")).Value.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Restart_Empty_ServesNothingOfBeforeAndDropsQueuedValues()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await node.Cache.SetAsync("old", 1);
        await redis.KillAsync();
        await node.Cache.SetAsync("queued", 1);
        await redis.StartAgainAsync();
        await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected || node.IsSettled, "The outage was not noticed");
        await Until.TrueAsync(() => node.IsSettled, "The cache did not recover");

        (await node.Cache.TryGetAsync<int>("old")).Found.ShouldBeFalse();
        (await node.Cache.TryGetAsync<int>("queued")).Found.ShouldBeFalse();
        await node.Cache.SetAsync("new", 2);
        (await node.Cache.TryGetAsync<int>("new")).Value.ShouldBe(2);
    }

    [Fact]
    public async Task LinkCut_AfterARestartThatLostTheData_KeepsQueuedValues()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.StartBehindProxyAsync(redis);
        await node.ConnectedAsync();
        await redis.KillAsync();
        await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected, "The outage was not noticed");
        await redis.StartAgainAsync();
        await Until.TrueAsync(() => node.IsSettled, "The cache did not recover");

        node.Proxy.RefuseNewConnections();
        node.Proxy.ResetAll();
        await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected, "The cut was not noticed");
        await node.Cache.SetAsync("queued", 1);
        node.Proxy.AcceptAgain();
        await Until.TrueAsync(() => node.IsSettled, "The cache did not recover from the cut");

        (await node.Cache.TryGetAsync<int>("queued")).Value.ShouldBe(1);
        await using var other = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        (await other.Cache.TryGetAsync<int>("queued")).Value.ShouldBe(1);
    }

    [Fact]
    public async Task ReplayQueue_Overflows_RemovesEverything()
    {
        await using var redis = await RedisServer.StartAsync(
            new RedisServerOptions { Persistent = true, Settings = { ["appendonly"] = "yes", ["appendfsync"] = "always" } });
        await using var node = await CacheNode.Start(redis.ConnectionString, configure: options => options.ReplayQueueLimit = 5)
            .ConnectedAsync();
        await node.Cache.SetAsync("k9", 1);
        await redis.KillAsync();
        for (var i = 0; i < 10; i++)
            await node.Cache.RemoveAsync($"k{i}");
        await redis.StartAgainAsync();
        await Until.TrueAsync(() => node.IsSettled, "The cache did not recover");
        (await node.Cache.TryGetAsync<int>("k9")).Found.ShouldBeFalse();
    }
}
