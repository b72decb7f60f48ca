using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>A node whose wall clock is set, forward or back, while it runs.</summary>
public sealed class ClockJumpTests
{
    private static readonly DataCacheEntryOptions Long = new() { Expiration = TimeSpan.FromMinutes(10) };

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Jump_OfADay_NeitherLosesEntriesNorKeepsThemForEver(int days)
    {
        await using var redis = await RedisServer.StartAsync();
        var time = new JumpingTime();
        await using var jumping = await Start(redis, time).ConnectedAsync();
        await using var other = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await jumping.Cache.SetAsync("kept", 1, Long);
        await jumping.Cache.SetAsync("short", 1, new DataCacheEntryOptions { Expiration = TimeSpan.FromMilliseconds(300) });
        time.Jump(TimeSpan.FromDays(days));

        foreach (var node in new[] { jumping, other })
        {
            (await node.Cache.TryGetAsync<int>("kept")).Value.ShouldBe(1);
            await Until.TrueAsync(async () => !(await node.Cache.TryGetAsync<int>("short")).Found, "The short entry did not expire");
        }

        await jumping.Cache.SetAsync("kept", 2, Long);
        await SeenAsync(other, 2);
        await other.Cache.SetAsync("kept", 3, Long);
        await SeenAsync(jumping, 3);
        await jumping.Cache.RemoveAsync("kept");
        await Until.TrueAsync(async () => !(await other.Cache.TryGetAsync<int>("kept")).Found, "The removal did not reach the other node");

        time.Jump(TimeSpan.FromDays(-days));
        await jumping.Cache.SetAsync("kept", 4, Long);
        await SeenAsync(other, 4);
        await other.Cache.RemoveAsync("kept");
        await Until.TrueAsync(
            async () => !(await jumping.Cache.TryGetAsync<int>("kept")).Found,
            "The removal did not reach the node that jumped");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Start_ClockADayOff_WritesAreNeitherOvertakenNorDead(int days)
    {
        await using var redis = await RedisServer.StartAsync();
        var time = new JumpingTime();
        time.Jump(TimeSpan.FromDays(days));
        await using var wrong = Start(redis, time);

        // Before Redis has told the node the time.
        await wrong.Cache.SetAsync("kept", 1, Long);
        await wrong.ConnectedAsync();
        await Until.TrueAsync(() => wrong.IsSettled, "The early write was not replayed");
        await using var right = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await SeenAsync(right, 1);
        await right.Cache.SetAsync("kept", 2, Long);
        await SeenAsync(wrong, 2);
        await right.Cache.RemoveAsync("kept");
        await Until.TrueAsync(
            async () => !(await wrong.Cache.TryGetAsync<int>("kept")).Found,
            "The removal did not reach the node whose clock is off");
    }

    private static CacheNode Start(RedisServer redis, TimeProvider time) =>
        new(DataCacheFactory.Create(CacheNode.Options(redis.ConnectionString, "f"), timeProvider: time), null);

    private static Task SeenAsync(CacheNode node, int value) =>
        Until.TrueAsync(async () => (await node.Cache.TryGetAsync<int>("kept")).Value == value, $"{value} was not seen");

    /// <summary>The wall clock jumps; the monotonic timer goes on, as on a machine whose clock is set.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private long _offset;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));

        public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
    }
}
