using Data.Benchmarks.Runner;
using Data.Vector;

namespace Data.Benchmarks.Vector;

/// <summary>Measures the time to build the graph on two threads against hnswlib on the same rows.</summary>
internal sealed class BuildBenchmark : IBenchmark
{
    private const double Limit = 0.5;

    public string Area => "vector";

    public string Name => "build-100k";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        foreach (var kind in new[] { "lat", "iso" })
        {
            var set = VectorSet.Get(kind, 100_000, DistanceMetric.L2);
            using (var peer = HnswlibPeer.TryBuild(set))
            {
                if (peer is null)
                {
                    run.Note("hnswlib is not installed (libhnswlib-dev, g++): no comparison");
                    return;
                }
            }

            await run.CompareAsync(
                $"{set.Name}: build over hnswlib, two threads",
                "s",
                Limit,
                Direction.Max,
                () => Task.FromResult(Own(set)),
                () => Task.FromResult(Peer(set)),
                rounds: 3);
        }
    }

    private static double Own(VectorSet set)
    {
        using var own = new OwnEngine(set);
        return own.BuildSeconds;
    }

    private static double Peer(VectorSet set)
    {
        using var peer = HnswlibPeer.TryBuild(set)!;
        return peer.BuildSeconds;
    }
}

/// <summary>
/// Builds a million rows once on each side and keeps both graphs for search-lat-1m, which otherwise builds them itself.
/// </summary>
internal abstract class BuildMillionBenchmark(DistanceMetric metric) : IBenchmark
{
    public string Area => "vector";

    public string Name => $"build-1m-{(metric == DistanceMetric.L2 ? "l2" : "cosine")}";

    public bool Quick => false;

    public Task RunAsync(BenchmarkRun run)
    {
        var set = VectorSet.Get("lat", 1_000_000, metric);
        using var own = new OwnEngine(set);
        own.Keep();
        using var peer = HnswlibPeer.TryBuild(set);
        if (peer is null)
            return Task.CompletedTask;
        run.Note($"{set.Name}: built in {own.BuildSeconds:0} s ({own.BuildProcessorSeconds:0} s of processor time), hnswlib in "
            + $"{peer.BuildSeconds:0} s ({peer.BuildProcessorSeconds:0} s)");
        run.Record(
            $"{set.Name}: processor time of the build over hnswlib's",
            "×",
            own.BuildProcessorSeconds / peer.BuildProcessorSeconds,
            0.5,
            Direction.Max);
        run.Record(
            $"{set.Name}: bytes a vector, floats in memory",
            "B",
            own.Index.MemoryBytes(out _) / (double)set.Count,
            800,
            Direction.Max);
        return Task.CompletedTask;
    }
}

internal sealed class BuildMillionL2Benchmark() : BuildMillionBenchmark(DistanceMetric.L2);

internal sealed class BuildMillionCosineBenchmark() : BuildMillionBenchmark(DistanceMetric.Cosine);
