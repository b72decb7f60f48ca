using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>What happens to a factory's result, and to its lease, while Redis is slow to answer.</summary>
public sealed class ResultStoringTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task GetOrCreateAsync_RedisSlowToStore_CallersHaveTheValueAndOthersShareIt()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis, OutageMode.Local);
        try
        {
            (await Freezing(node, redis).WaitAsync(Long / 2, TestContext.Current.CancellationToken)).ShouldBe("made");
            (await node.Cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("again"))).ShouldBe("made");
            (await node.Cache.GetOrCreateAsync(
                "key", 0, static (_, _, _) => ValueTask.FromResult("again"), new DataCacheEntryOptions())).ShouldBe("made");
        }
        finally
        {
            redis.Resume();
        }

        await using var other = await StartAsync(redis, OutageMode.Local);
        (await other.Cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("again"))).ShouldBe("made");
    }

    [Fact]
    public async Task GetOrCreateAsync_StrictAndRedisSlowToStore_CallersWait()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis, OutageMode.Strict);
        var isFrozen = new TaskCompletionSource();
        var call = Freezing(node, redis, isFrozen);
        try
        {
            await isFrozen.Task;
            await Task.Delay(300, TestContext.Current.CancellationToken);
            call.IsCompleted.ShouldBeFalse();
        }
        finally
        {
            redis.Resume();
        }

        (await call).ShouldBe("made");
    }

    [Fact]
    public async Task RemoveAsync_ResultNotYetStored_NobodyGetsIt()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis, OutageMode.Local);
        ValueTask removing;
        try
        {
            await Freezing(node, redis);
            removing = node.Cache.RemoveAsync("key");
            var next = node.Cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("new")).AsTask();
            redis.Resume();
            (await next).ShouldBe("new");
        }
        finally
        {
            redis.Resume();
        }

        await removing;
        (await node.Cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("newer"))).ShouldNotBe("made");
    }

    [Fact]
    public async Task RemoveByTagAsync_ResultNotYetStored_LaterCallersGetANewerValue()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis, OutageMode.Local);
        try
        {
            await Freezing(node, redis);
            var removing = node.Cache.RemoveByTagAsync("*");
            redis.Resume();
            await removing;
            (await node.Cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("new"))).ShouldBe("new");
        }
        finally
        {
            redis.Resume();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetOrCreateAsync_CallerLeavesBeforeTheLeaseIsGranted_TheLeaseIsGivenBack(bool isMissLikely)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis, OutageMode.Local);
        for (var i = 0; isMissLikely && i < 40; i++)
            await node.Cache.GetOrCreateAsync($"missing:{i}", _ => ValueTask.FromResult(""));

        using var caller = new CancellationTokenSource();
        redis.Freeze();
        try
        {
            var call = node.Cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("first"), cancellationToken: caller.Token).AsTask();
            await Task.Delay(50, TestContext.Current.CancellationToken);
            await caller.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => call);
        }
        finally
        {
            redis.Resume();
        }

        // A lease that was left behind would hold the other node's factory up for its whole duration.
        await using var other = await StartAsync(redis, OutageMode.Local);
        var next = other.Cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("second")).AsTask();
        (await next.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ShouldBe("second");
    }

    private static Task<CacheNode> StartAsync(RedisServer redis, OutageMode mode) => CacheNode.Start(
        redis.ConnectionString,
        configure: options =>
        {
            options.OutageMode = mode;
            // Long enough for none of them to decide a test.
            (options.RemoteSoftTimeout, options.RemoteHardTimeout, options.LeaseDuration) = (Long, Long, Long);
            options.HeartbeatInterval = TimeSpan.FromSeconds(30);
        }).ConnectedAsync();

    private static Task<string> Freezing(CacheNode node, RedisServer redis, TaskCompletionSource? frozen = null) =>
        node.Cache.GetOrCreateAsync("key", _ =>
        {
            redis.Freeze();
            frozen?.SetResult();
            return ValueTask.FromResult("made");
        }).AsTask();
}
