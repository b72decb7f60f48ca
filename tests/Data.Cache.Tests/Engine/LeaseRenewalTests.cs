using System.Globalization;
using Data.TestServers;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Engine;

/// <summary>A lease is renewed by the application's clock: here time passes only by hand.</summary>
public sealed class LeaseRenewalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Renew_ThirdOfTheDurationHasPassed_ExtendsTheLeaseUntilTheFactoryEnds()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var time = new FakeTimeProvider();
        var cache = DataCacheFactory.Create(
            new DataCacheOptions
            {
                Configuration = redis.ConnectionString,
                KeyPrefix = "l",
                LeaseDuration = TimeSpan.FromSeconds(30),
                HeartbeatInterval = TimeSpan.FromMinutes(1),
            },
            timeProvider: time);
        await using var owner = (IAsyncDisposable)cache;
        await Eventually.BeAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(5));
            return cache.GetStatistics().Link == CacheLinkState.Connected;
        });
        var started = new TaskCompletionSource();
        var finish = new TaskCompletionSource<int>();
        var call = cache.GetOrCreateAsync(
            "k",
            async (_, _) =>
            {
                started.SetResult();
                return await finish.Task;
            },
            new DataCacheEntryOptions { FactoryHardTimeout = TimeSpan.FromMinutes(10) },
            cancellationToken: Cancellation).AsTask();
        await started.Task;
        var lease = (string)((object?[])(await redis.ExecuteAsync("KEYS", "l:l:*"))!)[0]!;
        async Task<long> LeftAsync() => (long)(await redis.ExecuteAsync("PTTL", lease))!;

        // A second renewal follows the first.
        for (var round = 0; round < 2; round++)
        {
            await redis.ExecuteAsync("PEXPIRE", lease, 3_600_000.ToString(CultureInfo.InvariantCulture));
            time.Advance(TimeSpan.FromSeconds(9.9));
            (await LeftAsync()).ShouldBeGreaterThan(3_000_000);
            time.Advance(TimeSpan.FromSeconds(0.1));
            await Eventually.BeAsync(async () => await LeftAsync() <= 30_000);
        }

        finish.SetResult(1);
        (await call).ShouldBe(1);
        await Eventually.BeAsync(async () => await LeftAsync() == -2);
    }
}
