using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Cache;
using Data.TestServers;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Cache;

/// <summary>
/// Four nodes, each with its own connection, and 200 callers on each, who all want one key. (Real processes: Data.FaultTests.)
/// </summary>
internal sealed class StampedeBenchmark : IBenchmark
{
    private const int Callers = 200;

    public string Area => "cache";

    public string Name => "stampede";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var redis = await RedisServer.StartAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RemoteSetup.ConnectAsync(redis)));
        var most = 0;
        var waits = new List<double>();
        for (var round = 0; round < 20; round++)
        {
            var runs = 0;
            var key = $"wanted:{round}";
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, Callers).Select(_ => Task.Run(async () => await node
                .GetOrCreateAsync(key, async token =>
                    {
                        Interlocked.Increment(ref runs);
                        await Task.Delay(50, token);
                        return 1;
                    })))));
            waits.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            most = Math.Max(most, runs);
        }

        run.Note($"A factory of 50 ms answers 800 callers on 4 nodes in {BenchmarkRun.Median(waits):F1} ms (median of 20)");
        run.Record("Stampede: most factory runs for 200 callers on each of 4 nodes", "runs", most, 1, Direction.Max);
        foreach (var node in nodes)
            await ((IAsyncDisposable)node).DisposeAsync();
    }
}
