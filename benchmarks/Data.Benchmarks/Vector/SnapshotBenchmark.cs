using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>Measures the time from a snapshot on disk to the first answer, all sections verified, and the memory afterwards.</summary>
internal sealed class SnapshotBenchmark : IBenchmark
{
    private const int Opens = 9;

    public string Area => "vector";

    public string Name => "open";

    public bool Quick => false;

    public Task RunAsync(BenchmarkRun run)
    {
        foreach (var (count, limit) in new[] { (100_000, 100.0), (1_000_000, 1_000.0) })
        {
            var set = VectorSet.Get("lat", count, DistanceMetric.L2);
            var path = OwnEngine.SnapshotFile(set);
            if (!File.Exists(path))
            {
                using var own = new OwnEngine(set);
                own.Keep();
            }

            var memory = 0L;
            var times = Enumerable.Range(0, Opens).Select(_ => Open(path, set, out memory)).Order().ToArray();
            run.Record($"{set.Name}: open to first query, file in the page cache", "ms", BenchmarkRun.Median(times), limit, Direction.Max);
            run.Record($"{set.Name}: bytes a vector, floats mapped", "B", memory / (double)count, 400, Direction.Max);
        }

        return Task.CompletedTask;
    }

    private static double Open(string path, VectorSet set, out long memory)
    {
        var start = Stopwatch.GetTimestamp();
        using var opened = HnswIndex.Open(path);
        opened.Search(set.Query(0), 100, new Neighbor[VectorSet.K]);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        memory = opened.MemoryBytes(out var mapped) - mapped;
        return elapsed;
    }
}
