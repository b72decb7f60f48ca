using System.Diagnostics;
using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>A server under SIGSTOP: connections stay open and nothing answers.</summary>
public sealed class FrozenRedisTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    // A busy machine wakes threads late; without deadlines the calls would not end at all.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task EveryOperation_RedisFrozen_EndsWithinItsDeadlineFromTheFirstCallOn()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        var cache = node.Cache;
        await cache.SetAsync("there", 1);
        redis.Freeze();
        try
        {
            var slowest = TimeSpan.Zero;
            for (var i = 0; i < 12; i++)
            {
                var key = $"k{i}";
                slowest = Max(
                    slowest,
                    await TimeAsync(async () => (await cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(7))).ShouldBe(7)));
                slowest = Max(slowest, await TimeAsync(async () => await cache.TryGetAsync<int>("absent" + key)));
                slowest = Max(slowest, await TimeAsync(async () => await cache.SetAsync(key, 8)));
                slowest = Max(slowest, await TimeAsync(async () => await cache.RemoveAsync("there")));
                slowest = Max(slowest, await TimeAsync(async () => await cache.RemoveByTagAsync("tag")));
                slowest = Max(
                    slowest,
                    await TimeAsync(async () => (await cache.RemoveByPatternAsync(KeyPattern.Prefix("there"))).IsQueued.ShouldBeTrue()));
            }

            slowest.ShouldBeLessThan(Deadline + Slack);
            node.Link.ShouldBe(CacheLinkState.Disconnected);
            (await cache.TryGetAsync<int>("there")).Found.ShouldBeFalse();
        }
        finally
        {
            redis.Resume();
        }

        await Until.TrueAsync(() => node.IsSettled, "The cache did not recover");
        (await cache.TryGetAsync<int>("there")).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task HotPath_BreakerOpen_AnswersFromTheLocalLevel()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        redis.Freeze();
        try
        {
            await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected, "The breaker did not open");
            var runs = 0;
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < 1000; i++)
                await node.Cache.GetOrCreateAsync("hot", _ => ValueTask.FromResult(++runs));
            runs.ShouldBe(1);
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Deadline);
        }
        finally
        {
            redis.Resume();
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_StartedWhileFrozen_AnswersAndConnectsOnceResumed()
    {
        await using var redis = await RedisServer.StartAsync();
        redis.Freeze();
        await using var node = CacheNode.Start(redis.ConnectionString);
        try
        {
            (await TimeAsync(async () => (await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1))).ShouldBe(1)))
                .ShouldBeLessThan(Deadline + Slack);
        }
        finally
        {
            redis.Resume();
        }

        await node.ConnectedAsync();
        await Until.TrueAsync(() => node.IsSettled, "The queue was not replayed");
    }

    [Fact]
    public async Task Operations_StrictAndFrozen_ThrowWithinTheirDeadline()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString, configure: options => options.OutageMode = OutageMode.Strict)
            .ConnectedAsync();
        redis.Freeze();
        try
        {
            for (var i = 0; i < 6; i++)
            {
                (await TimeAsync(() => Should.ThrowAsync<CacheUnavailableException>(
                    async () => await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1))))).ShouldBeLessThan(Deadline + Slack);
                (await TimeAsync(() => Should.ThrowAsync<CacheUnavailableException>(async () => await node.Cache.RemoveAsync("k"))))
                    .ShouldBeLessThan(Deadline + Slack);
                (await TimeAsync(() => Should.ThrowAsync<CacheUnavailableException>(
                    async () => await node.Cache.RemoveByPatternAsync(KeyPattern.All)))).ShouldBeLessThan(Deadline + Slack);
            }
        }
        finally
        {
            redis.Resume();
        }
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(started);
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
