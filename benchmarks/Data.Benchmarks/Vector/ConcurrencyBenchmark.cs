using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>Measures two searching threads against one, and the p99 of searches while another thread adds.</summary>
internal sealed class ConcurrencyBenchmark : IBenchmark
{
    private const int Ef = 100, ExtraRows = 20_000;

    public string Area => "vector";

    public string Name => "concurrency";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        var set = VectorSet.Get("lat", 100_000, DistanceMetric.L2);
        using var own = new OwnEngine(set);
        await run.CompareAsync(
            $"{set.Name}: two threads over one",
            "q/s",
            1.8,
            Direction.Min,
            () => Task.FromResult(Rate(own.Index, set, threads: 2)),
            () => Task.FromResult(Rate(own.Index, set, threads: 1)),
            rounds: 9);
        var extra = new VectorData("lat", set.Dimension, VectorSet.Seed + 1).Base(ExtraRows);
        var next = 0;
        await run.CompareAsync(
            $"{set.Name}: p99 of searches while one thread adds over at rest",
            "us",
            2,
            Direction.Max,
            async () =>
            {
                using var stop = new CancellationTokenSource();
                var adder = Task.Run(() =>
                {
                    while (!stop.IsCancellationRequested)
                        own.Index.Add(extra.AsSpan(next++ % ExtraRows * set.Dimension, set.Dimension));
                });
                var p99 = Percentile(own.Index, set);
                await stop.CancelAsync();
                await adder;
                return p99;
            },
            () => Task.FromResult(Percentile(own.Index, set)),
            rounds: 9);
    }

    private static double Rate(HnswIndex index, VectorSet set, int threads)
    {
        const int perThread = 4_000;
        var start = Stopwatch.GetTimestamp();
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            Span<Neighbor> found = stackalloc Neighbor[VectorSet.K];
            for (var i = 0; i < perThread; i++)
                index.Search(set.Query((i + (thread * 500)) % VectorSet.QueryCount), Ef, found);
        });
        return perThread * threads / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Percentile(HnswIndex index, VectorSet set)
    {
        const int searches = 5_000;
        var times = new long[searches];
        Span<Neighbor> found = stackalloc Neighbor[VectorSet.K];
        for (var i = 0; i < searches; i++)
        {
            var start = Stopwatch.GetTimestamp();
            index.Search(set.Query(i % VectorSet.QueryCount), Ef, found);
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        Array.Sort(times);
        return times[searches * 99 / 100] * 1e6 / Stopwatch.Frequency;
    }
}
