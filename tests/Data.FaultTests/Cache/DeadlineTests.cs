using System.Diagnostics;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.FaultTests.Cache;

/// <summary>One call has one budget for Redis, however many steps it takes. Here neither heartbeat nor breaker shortens a step.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);

    // Two steps with a deadline each would take twice the budget.
    private static readonly TimeSpan Limit = Budget + TimeSpan.FromSeconds(1.5);

    private static readonly HybridCacheEntryOptions WithoutLocal = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    [Theory]
    [InlineData(HybridCacheEntryFlags.None)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheRead)]
    public async Task GetOrCreateAsync_FirstReadOfAFrozenServer_WaitsForOneBudget(HybridCacheEntryFlags flags)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis.ConnectionString);
        redis.Freeze();
        try
        {
            var options = new HybridCacheEntryOptions { Flags = flags };
            (await TimeAsync(async () => (await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), options)).ShouldBe(1)))
                .ShouldBeLessThan(Limit);
        }
        finally
        {
            redis.Resume();
        }
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.None)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache)]
    public async Task GetOrCreateAsync_ConcurrentCallersOfAFrozenServer_WaitForOneBudgetEach(HybridCacheEntryFlags flags)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis.ConnectionString);
        redis.Freeze();
        try
        {
            var options = new HybridCacheEntryOptions { Flags = flags };
            var calls = new List<Task<TimeSpan>>();
            for (var i = 0; i < 20; i++)
            {
                calls.Add(TimeAsync(async () => await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), options)));
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            (await Task.WhenAll(calls)).Max().ShouldBeLessThan(Limit);
        }
        finally
        {
            redis.Resume();
        }
    }

    [Theory]
    [InlineData(OutageMode.Local)]
    [InlineData(OutageMode.Strict)]
    public async Task GetOrCreateAsync_FrozenWhileTheFactoryRuns_GetsTheValueWithinTheBudget(OutageMode mode)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis.ConnectionString, options => options.OutageMode = mode);
        try
        {
            (await TimeAsync(async () =>
            {
                (await node.Cache.GetOrCreateAsync("k", _ =>
                {
                    redis.Freeze();
                    return ValueTask.FromResult(1);
                })).ShouldBe(1);
            })).ShouldBeLessThan(Limit);
        }
        finally
        {
            redis.Resume();
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryFailsOnAFrozenServer_FailsWithoutWaitingForTheLease()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis.ConnectionString);
        try
        {
            (await TimeAsync(() => Should.ThrowAsync<InvalidDataException>(async () => await node.Cache.GetOrCreateAsync<int>("k", _ =>
            {
                redis.Freeze();
                throw new InvalidDataException();
            })))).ShouldBeLessThan(Budget / 2);
        }
        finally
        {
            redis.Resume();
        }
    }

    // GET, tag and lease each take more than half of the budget, so the second step must end early and a third must not begin.
    [Fact]
    public async Task GetOrCreateAsync_SlowServer_SpendsTheBudgetOverAllSteps()
    {
        await using var redis = await RedisServer.StartAsync();
        await using (var writer = await StartAsync(redis.ConnectionString))
            await writer.Cache.SetAsync("k", 1, tags: ["tag"]);
        await using var node = await CacheNode.StartBehindProxyAsync(redis, configure: Configure);
        await node.ConnectedAsync();
        node.Proxy.Delay(TimeSpan.FromSeconds(1.4), Direction.ToClient);
        (await TimeAsync(async () => await node.Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2)))).ShouldBeLessThan(
            TimeSpan.FromSeconds(2.7));
        (await TimeAsync(async () => await node.Cache.GetOrCreateAsync("k2", _ => ValueTask.FromResult(2), WithoutLocal))).ShouldBeLessThan(
            TimeSpan.FromSeconds(2.7));
    }

    private static void Configure(DataCacheOptions options)
    {
        options.RemoteSoftTimeout = options.RemoteHardTimeout = Budget;
        options.HeartbeatInterval = TimeSpan.FromMinutes(1);
        options.BreakerMinimumThroughput = 1000;
    }

    private static Task<CacheNode> StartAsync(string connection, Action<DataCacheOptions>? configure = null) => CacheNode.Start(
        connection,
        configure: options =>
        {
            Configure(options);
            configure?.Invoke(options);
        }).ConnectedAsync();

    private static async Task<TimeSpan> TimeAsync(Func<Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(started);
    }
}
