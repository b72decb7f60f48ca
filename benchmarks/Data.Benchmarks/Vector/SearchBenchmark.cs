using Data.Benchmarks.Runner;
using Data.Vector;

namespace Data.Benchmarks.Vector;

/// <summary>Measures queries per second at equal recall against hnswlib, with codes and with floats only; plots recall and rate.</summary>
internal abstract class SearchBenchmark(
    string kind,
    int count,
    DistanceMetric metric,
    int dimension = VectorSet.UsualDimension) : IBenchmark
{
    private const double Limit = 3, FloatsLimit = 1.2;

    // A round takes 0.1 to 0.5 seconds, and the load on the processor's cache changes between rounds.
    private const int Rounds = 25;

    private static readonly int[] PlotEfs = [10, 16, 24, 40, 64, 100, 160, 250, 400, 640];

    public string Area => "vector";

    public string Name
    {
        get
        {
            var rows = count >= 1_000_000 ? "1m" : $"{count / 1_000}k";
            var width = dimension == VectorSet.UsualDimension ? "" : $"x{dimension}";
            return $"search-{kind}-{rows}{width}-{(metric == DistanceMetric.L2 ? "l2" : "cosine")}";
        }
    }

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        var set = VectorSet.Get(kind, count, metric, dimension);
        using var peer = HnswlibPeer.TryStart(set);
        using var own = Own(set);
        run.Note($"{set.Name}: {dimension} dimensions, M 16, EfConstruction 200, k 10, seed {VectorSet.Seed}, {VectorSet.QueryCount} "
            + "queries; processor time of one thread");
        var bytes = own.Index.MemoryBytes(out var mapped) / (double)count;
        if (dimension == VectorSet.UsualDimension)
            run.Record($"{set.Name}: bytes a vector, floats included", "B", bytes, 800, Direction.Max);
        else
            run.Note($"{set.Name}: {bytes:0} bytes a vector, {dimension * sizeof(float)} of them floats");
        if (mapped > 0)
            run.Note($"{set.Name}: the graph was opened from disk, floats mapped");
        var plot = new RecallPlot($"{set.Name}, {dimension} dimensions");
        AddLine(plot, own);
        if (peer is null)
        {
            run.Note("hnswlib is not installed (libhnswlib-dev, g++): no comparison");
            return;
        }

        AddLine(plot, peer);
        foreach (var recall in new[] { 0.95, 0.99 })
        {
            await CompareAsync(run, set, own, peer, recall, Limit);
            var (median, high) = own.Percentiles(own.EfFor(recall));
            run.Note($"{set.Name}, recall {recall}: p50 {median:0} us, p99 {high:0} us");
        }

        if (count <= 100_000)
        {
            using var floats = new OwnEngine(set, QuantizationMode.None);
            AddLine(plot, floats);
            foreach (var recall in new[] { 0.95, 0.99 })
                await CompareAsync(run, set, floats, peer, recall, FloatsLimit);
        }

        var folder = Path.Combine(Repository.Root, "docs", "results");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, $"vector-{Name}.svg"), plot.Draw(), run.Cancellation);
    }

    internal static async Task CompareAsync(BenchmarkRun run, VectorSet set, Contender own, Contender peer, double recall, double limit)
    {
        var ef = own.EfFor(recall);
        var peerEf = peer.EfFor(recall);
        run.Note($"{set.Name}, recall {recall}: {own.Name} ef {ef} ({own.Recall(ef):0.0000}), {peer.Name} ef {peerEf} "
            + $"({peer.Recall(peerEf):0.0000})");
        await run.CompareAsync(
            $"{set.Name}: {own.Name} over {peer.Name} at recall {recall}",
            "q/s",
            limit,
            Direction.Min,
            () => Task.FromResult(own.QueriesPerSecond(ef)),
            () => Task.FromResult(peer.QueriesPerSecond(peerEf)),
            Rounds);
    }

    // A million rows take minutes to build; build-1m keeps the graph.
    private static OwnEngine Own(VectorSet set) => (set.Count < 1_000_000 ? null : OwnEngine.TryOpen(set)) ?? new OwnEngine(set);

    private static void AddLine(RecallPlot plot, Contender contender) =>
        plot.Add(
            contender.Name,
            PlotEfs.Select(ef => (contender.Recall(ef), Enumerable.Range(0, 3).Max(_ => contender.QueriesPerSecond(ef)))));
}

internal sealed class SearchLatL2Benchmark() : SearchBenchmark("lat", 100_000, DistanceMetric.L2);

internal sealed class SearchLatCosineBenchmark() : SearchBenchmark("lat", 100_000, DistanceMetric.Cosine);

internal sealed class SearchIsoL2Benchmark() : SearchBenchmark("iso", 100_000, DistanceMetric.L2);

internal sealed class SearchLat300kL2Benchmark() : SearchBenchmark("lat", 300_000, DistanceMetric.L2);

internal sealed class SearchLatMillionL2Benchmark() : SearchBenchmark("lat", 1_000_000, DistanceMetric.L2);

internal sealed class SearchLatMillionCosineBenchmark() : SearchBenchmark("lat", 1_000_000, DistanceMetric.Cosine);

internal sealed class SearchLat768Benchmark() : SearchBenchmark("lat", 20_000, DistanceMetric.Cosine, 768);

internal sealed class SearchLat1536Benchmark() : SearchBenchmark("lat", 20_000, DistanceMetric.Cosine, 1_536);
