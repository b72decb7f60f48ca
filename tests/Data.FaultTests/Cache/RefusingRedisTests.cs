using Data.Cache;
using Data.TestServers;
using StackExchange.Redis;

namespace Data.FaultTests.Cache;

/// <summary>A server that answers, but not what one hopes for.</summary>
public sealed class RefusingRedisTests
{
    [Fact]
    public async Task Operations_MemoryFull_GoOnAndNeverServeTheOldValue()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Settings = { ["maxmemory-policy"] = "noeviction" } });
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await using var other = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await node.Cache.SetAsync("k", "old", tags: ["t"]);
        await node.Cache.SetAsync("r", "old");
        await node.Cache.SetAsync("t", "old", tags: ["t"]);
        await node.Cache.SetAsync("p:1", "old");
        using var direct = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
        await direct.GetServer(redis.EndPoint).ConfigSetAsync("maxmemory", "1mb");

        await node.Cache.SetAsync("k", "new");
        await node.Cache.RemoveAsync("r");
        await node.Cache.RemoveByTagAsync("t");
        (await node.Cache.RemoveByPatternAsync(KeyPattern.Prefix("p:"))).Count.ShouldBe(1);
        (await node.Cache.GetOrCreateAsync("made", _ => ValueTask.FromResult("made"))).ShouldBe("made");
        node.Link.ShouldBe(CacheLinkState.Connected);
        node.Cache.GetStatistics().ReplayQueueCount.ShouldBe(0);

        await Task.Delay(100);
        (await other.Cache.TryGetAsync<string>("k")).Value.ShouldNotBe("old");
        (await other.Cache.TryGetAsync<string>("r")).Found.ShouldBeFalse();
        (await other.Cache.TryGetAsync<string>("t")).Found.ShouldBeFalse();
        (await other.Cache.TryGetAsync<string>("p:1")).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task Start_AuthRefused_GoesOnLocally()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Password = "right" });
        await using var node = CacheNode.Start($"{redis.EndPoint},password=wrong");
        await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected, "The refusal was not noticed");
        (await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1))).ShouldBe(1);
        (await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2))).ShouldBe(1);
    }

    [Fact]
    public async Task Start_NamedUserRefusedBesideAnOpenDefaultUser_IsDisconnected()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "app", "on", ">right", "~*", "&*", "+@all");
        await using var refused = CacheNode.Start($"{redis.EndPoint},user=app,password=wrong");
        await using var accepted = await CacheNode.Start($"{redis.EndPoint},user=app,password=right").ConnectedAsync();
        await Until.TrueAsync(() => refused.Link == CacheLinkState.Disconnected, "The refusal was not noticed");
        await refused.Cache.SetAsync("k", 1);
        (await refused.Cache.TryGetAsync<int>("k")).Value.ShouldBe(1);
        (await accepted.Cache.TryGetAsync<int>("k")).Found.ShouldBeFalse();

        await redis.ExecuteAsync("ACL", "SETUSER", "app", ">wrong");
        await Until.TrueAsync(() => refused.IsSettled, "The accepted user did not connect");
    }

    [Fact]
    public async Task Start_UserWhoMayNotAskWhoItIs_Connects()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "app", "on", ">right", "~*", "&*", "+@all", "-acl", "-info");
        await using var node = await CacheNode.Start($"{redis.EndPoint},user=app,password=right").ConnectedAsync();
        await node.Cache.SetAsync("k", 1, tags: ["t"]);
        await Task.Delay(500);
        (await node.Cache.TryGetAsync<int>("k")).Value.ShouldBe(1);
        await node.Cache.RemoveByTagAsync("t");
        (await node.Cache.TryGetAsync<int>("k")).Found.ShouldBeFalse();

        // Without INFO a node cannot know that the generation of a tag was not evicted.
        await node.Cache.SetAsync("k", 2, tags: ["other"]);
        await using var newcomer = await CacheNode.Start($"{redis.EndPoint},user=app,password=right").ConnectedAsync();
        (await newcomer.Cache.TryGetAsync<int>("k")).Found.ShouldBeFalse();
        await newcomer.Cache.SetAsync("k", 3, tags: ["other"]);
        await Until.TrueAsync(async () => (await node.Cache.TryGetAsync<int>("k")).Value == 3, "The write did not arrive");
    }

    [Fact]
    public async Task Operations_UserWithTheDocumentedRights_DoAllTheirWork()
    {
        await using var redis = await RedisServer.StartAsync();
        const string Commands = "get mget set getrange del unlink persist pexpire pttl time eval evalsha script|load publish subscribe "
            + "scan role info ping echo";
        await redis.ExecuteAsync(
            ["ACL", "SETUSER", "app", "on", ">right", "~f:*", "&f:bus", .. Commands.Split(' ').Select(static name => "+" + name)]);
        await using var node = await CacheNode.Start($"{redis.EndPoint},user=app,password=right").ConnectedAsync();
        await using var other = await CacheNode.Start($"{redis.EndPoint},user=app,password=right").ConnectedAsync();
        await node.Cache.SetAsync("k", 1, tags: ["t"]);
        (await other.Cache.TryGetAsync<int>("k")).Value.ShouldBe(1);
        await other.Cache.RemoveByTagAsync("t");
        await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<int>("k")).Found, "The removal of the tag did not arrive");
        (await node.Cache.GetOrCreateAsync("made", async (_, token) =>
        {
            // Longer than a third of the lease, which is renewed meanwhile.
            await Task.Delay(600, token);
            return 2;
        })).ShouldBe(2);
        await Until.TrueAsync(async () => (await other.Cache.TryGetAsync<int>("made")).Value == 2, "The value was not stored");
        await other.Cache.RemoveAsync("made");
        await node.Cache.SetAsync("p:1", 3);
        (await node.Cache.RemoveByPatternAsync(KeyPattern.Prefix("p:"))).Count.ShouldBe(1);
        await Task.Delay(500);
        foreach (var each in new[] { node, other })
        {
            each.Cache.GetStatistics().ShouldSatisfyAllConditions(
                static seen => seen.LinkChanges.ShouldBe(1),
                static seen => seen.RemoteFailures.ShouldBe(0),
                static seen => seen.ReplayQueueCount.ShouldBe(0));
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_GarbageInTheValue_IsAMissAndIsReplaced()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        using var direct = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var database = direct.GetDatabase();
        await node.Cache.SetAsync("sample", new int[] { 1, 2, 3 });
        var sound = (byte[])(await database.StringGetAsync("f:v::sample"))!;
        var random = new Random(7);
        for (var i = 0; i < sound.Length + 20; i++)
        {
            var bytes = (byte[])sound.Clone();
            if (i < sound.Length)
                bytes[i] ^= (byte)(1 << random.Next(8));
            else
                random.NextBytes(bytes);

            // The stamp is the server's and not under the checksum; a flipped bit there makes the value older or newer, not another one.
            await database.StringSetAsync($"f:v::g{i}", i % 3 == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            var seen = await node.Cache.GetOrCreateAsync($"g{i}", _ => ValueTask.FromResult(new[] { 9 }));
            string.Join(',', seen).ShouldBeOneOf("9", "1,2,3");
        }

        await database.ListLeftPushAsync("f:v::list", "x");
        (await node.Cache.GetOrCreateAsync("list", _ => ValueTask.FromResult(5))).ShouldBe(5);
        await node.Cache.RemoveAsync("list");
        (await node.Cache.GetOrCreateAsync("list", _ => ValueTask.FromResult(6))).ShouldBe(6);
    }
}
