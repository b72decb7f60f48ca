using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>Measures the recall of codes over that of floats on data that break quantized indexes, and the time of the build.</summary>
internal sealed class HostileBenchmark : IBenchmark
{
    private const int Count = 37_000, Queries = 300, Dimension = 64, EfSearch = 100;

    // Nothing of what codes cost where they do not fit may be out of proportion.
    private const double RecallLimit = 0.98, TimeLimit = 3;

    public string Area => "vector";

    public string Name => "hostile";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        foreach (var (kind, metric) in HostileData.Kinds)
            await RunAsync(run, kind, Enum.Parse<DistanceMetric>(metric), Count);

        // Past the calibration at 131,072 vectors.
        await RunAsync(run, "finer-later", DistanceMetric.L2, 131_500);
    }

    private static async Task RunAsync(BenchmarkRun run, string kind, DistanceMetric metric, int count)
    {
        var data = new HostileData(kind, kind.StartsWith("one-hot", StringComparison.Ordinal) ? 20_000 : count, Queries, Dimension);
        using var floats = Build(data, metric, QuantizationMode.None, out var floatSeconds);
        using var codes = Build(data, metric, QuantizationMode.Codes, out var seconds);
        var started = Stopwatch.GetTimestamp();
        while (codes.Relinking > 0)
            await Task.Delay(10, run.Cancellation);
        var name = $"{kind} {count / 1000}k {metric}";
        var (found, expected) = (Recall(codes, data), Recall(floats, data));
        var read = codes.WalksCodes ? "codes" : "floats";
        run.Note($"{name}: recall {found:0.000}, floats only {expected:0.000}; walks read {read}, codes failed {codes.CodeFailures} times; "
            + $"linked anew {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s after the build");
        run.Record($"{name}: recall at ef 100 over floats only", "", expected > 0 ? found / expected : 1, RecallLimit, Direction.Min);
        run.Record($"{name}: build time over floats only", "", seconds / floatSeconds, TimeLimit, Direction.Max);
    }

    private static HnswIndex Build(HostileData data, DistanceMetric metric, QuantizationMode mode, out double seconds)
    {
        var index = new HnswIndex(new HnswParameters { Dimension = data.Dimension, Metric = metric, Quantization = mode });
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < data.Rows.Length; i += data.Dimension)
            index.Add(data.Rows.AsSpan(i, data.Dimension));
        seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return index;
    }

    private static double Recall(HnswIndex index, HostileData data)
    {
        var (found, exact) = (new Neighbor[VectorSet.K], new Neighbor[VectorSet.K]);
        var hits = 0;
        for (var i = 0; i < data.Queries.Length; i += data.Dimension)
        {
            var query = data.Queries.AsSpan(i, data.Dimension);
            index.ScanExact(query, exact);
            var count = index.Search(query, EfSearch, found);
            hits += found.Take(count).Count(neighbor => neighbor.Distance <= exact[^1].Distance);
        }

        return (double)hits / (Queries * VectorSet.K);
    }
}
