using System.Diagnostics;
using System.Globalization;
using Data.Benchmarks.Runner;
using Data.TestServers;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Cache.Peers;

/// <summary>
/// One call after the other for keys of their own, with an instant factory, for some seconds after Redis was frozen, and after it was
/// killed.
/// </summary>
internal sealed class PeerOutageBenchmark : IBenchmark
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    public string Area => "cache";

    public string Name => "peers-outage";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        foreach (var (fault, strike) in new (string, Func<RedisServer, Task>)[]
        {
            ("frozen", FreezeAsync),
            ("killed", static redis => redis.KillAsync()),
        })
        {
            var slowest = new List<double>();
            foreach (var connect in new Func<RedisServer, Task<ICachePeer>>[]
            {
                DataCachePeer.ConnectAsync,
                static redis => Task.FromResult(HybridCachePeer.Connect(redis)),
                static redis => Task.FromResult(FusionCachePeer.Connect(redis)),
            })
            {
                slowest.Add(await RunAsync(run, fault, strike, connect));
            }

            var better = slowest.Skip(1).Min();
            run.Record($"Redis {fault}: slowest call over the better of both", "ratio", slowest[0] / better, 1, Direction.Max);
        }
    }

    private static async Task<double> RunAsync(
        BenchmarkRun run, string fault, Func<RedisServer, Task> strike, Func<RedisServer, Task<ICachePeer>> connect)
    {
        await using var redis = await RedisServer.StartAsync();
        var peer = await connect(redis);
        for (var call = 0; call < 500; call++)
            await peer.GetOrCreateAsync($"warm:{call}", static _ => new ValueTask<string>("value"));

        await strike(redis);
        var (times, errors) = (new List<double>(), 0);
        var started = Stopwatch.GetTimestamp();
        for (var call = 0; Stopwatch.GetElapsedTime(started) < Duration; call++)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await peer.GetOrCreateAsync($"cold:{call}", static _ => new ValueTask<string>("value"));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                errors++;
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(1);
        }

        times.Sort();
        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{peer.Name}, Redis {fault}: {times.Count} calls in {Duration.TotalSeconds:0} s, {errors} errors, "
            + $"p50 {times[times.Count / 2]:0.000} ms, p95 {times[times.Count * 95 / 100]:0.0} ms, slowest {times[^1]:0} ms"));
        if (fault == "frozen")
            redis.Resume();

        await peer.DisposeAsync();
        return times[^1];
    }

    private static Task FreezeAsync(RedisServer redis)
    {
        redis.Freeze();
        return Task.CompletedTask;
    }
}
