using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>Invalidation messages that do not arrive while commands are answered.</summary>
public sealed class LostMessageTests
{
    private static readonly DataCacheEntryOptions Long = new() { Expiration = TimeSpan.FromHours(1) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Removal_ItsMessageIsLost_IsNoticedByTheNextNumber()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var node = await CacheNode.StartBehindProxyAsync(redis);
        await using var other = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await node.ConnectedAsync();
        await other.Cache.SetAsync("removed", 1, Long, cancellationToken: Cancellation);
        (await node.Cache.TryGetAsync<int>("removed", Cancellation)).Found.ShouldBeTrue();

        // Both nodes' heartbeats go on.
        node.Proxy.Inspect = static chunk => chunk.Direction == Direction.ToClient && chunk.Contains("removed"u8)
            ? ChunkVerdict.Drop
            : ChunkVerdict.Forward;
        await other.Cache.RemoveAsync("removed", Cancellation);
        await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<int>("removed", Cancellation)).Found, "The loss was not noticed");
        node.Proxy.Inspect = null;
        await Until.TrueAsync(() => node.IsSettled && node.Cache.GetStatistics().LinkChanges == 3, "The node did not recover");
        other.Cache.GetStatistics().LinkChanges.ShouldBe(1);
    }

    [Fact]
    public async Task Subscription_Dead_DisconnectsAlthoughCommandsAreAnswered()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var node = await CacheNode.StartBehindProxyAsync(redis);
        await node.ConnectedAsync();
        await node.Cache.SetAsync("k", 1, Long, cancellationToken: Cancellation);
        node.Proxy.Inspect = static chunk => chunk.Direction == Direction.ToClient && chunk.Contains("f:bus"u8)
            ? ChunkVerdict.Drop
            : ChunkVerdict.Forward;
        await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected, "The dead subscription was not noticed");
        node.Proxy.Inspect = null;
        await Until.TrueAsync(() => node.IsSettled, "The node did not recover");
        (await node.Cache.TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(1);
    }
}
