using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Cache;
using Data.TestServers;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Cache;

/// <summary>
/// A hot path while Redis is under SIGSTOP: 1,000 calls, each for a key of its own, so that the local level cannot hide it.
/// </summary>
internal sealed class FrozenRedisBenchmark : IBenchmark
{
    public string Area => "cache";

    public string Name => "frozen-redis";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var redis = await RedisServer.StartAsync();
        var cache = await RemoteSetup.ConnectAsync(redis);
        await using var owner = (IAsyncDisposable)cache;
        for (var i = 0; i < 500; i++)
            await cache.GetOrCreateAsync($"warm:{i}", static _ => new ValueTask<int>(1));
        redis.Freeze();
        var all = new List<double>();
        var open = new List<double>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                var isOpen = cache.GetStatistics().Link == CacheLinkState.Disconnected;
                var started = Stopwatch.GetTimestamp();
                await cache.GetOrCreateAsync($"hot:{i}", static _ => new ValueTask<int>(1));
                var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                all.Add(took);
                if (isOpen)
                    open.Add(took);
            }
        }
        finally
        {
            redis.Resume();
        }

        open.Sort();
        run.Note($"{all.Count - open.Count} of 1,000 calls came before the breaker opened");
        run.Record("Frozen Redis: slowest of 1,000 calls (deadline 1 s)", "ms", all.Max(), 1000, Direction.Max);
        run.Record("Frozen Redis: p99 once the breaker is open", "ms", open[(int)(open.Count * 0.99)], 1, Direction.Max);
    }
}
