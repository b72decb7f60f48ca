using Data.Benchmarks.Runner;
using Data.Vector;

namespace Data.Benchmarks.Vector;

/// <summary>Queries per second at equal recall, with codes and with floats only, over hnswlib; build time; a plot of recall and rate.</summary>
internal abstract class SearchBenchmark(string kind, int count, DistanceMetric metric) : IBenchmark
{
    private static readonly int[] PlotEfs = [10, 16, 24, 40, 64, 100, 160, 250, 400, 640];

    public string Area => "vector";

    public string Name => $"search-{kind}-{(count >= 1_000_000 ? "1m" : $"{count / 1_000}k")}-{(metric == DistanceMetric.L2 ? "l2" : "cosine")}";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        var set = VectorSet.Get(kind, count, metric);
        using var peer = HnswlibPeer.TryStart(set);
        using var own = new OwnEngine(set);
        run.Note($"{set.Name}: M 16, EfConstruction 200, k 10, seed {VectorSet.Seed}, {VectorSet.QueryCount} queries; processor time of one thread");
        run.Record($"{set.Name}: bytes a vector, floats in memory", "B", own.Index.MemoryBytes(out _) / (double)count, 800, Direction.Max);
        var plot = new RecallPlot($"{set.Name}, 128 dimensions");
        AddLine(plot, own);
        if (peer is null)
        {
            run.Note("hnswlib is not installed (libhnswlib-dev, g++): no comparison");
            return;
        }

        run.Record($"{set.Name}: build time over hnswlib (two threads, one run)", "×", own.BuildSeconds / peer.BuildSeconds, 0.5, Direction.Max);
        AddLine(plot, peer);
        foreach (var recall in new[] { 0.95, 0.99 }) await CompareAsync(run, set, own, peer, recall, 3);
        if (count <= 100_000)
        {
            using var floats = new OwnEngine(set, QuantizationMode.None);
            AddLine(plot, floats);
            await CompareAsync(run, set, floats, peer, 0.95, 1.2);
        }

        var folder = Path.Combine(Repository.Root, "docs", "results");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, $"vector-{Name}.svg"), plot.Draw(), run.Cancellation);
    }

    internal static async Task CompareAsync(BenchmarkRun run, VectorSet set, Contender own, Contender peer, double recall, double limit, int rounds = 9)
    {
        var ef = own.EfFor(recall);
        var peerEf = peer.EfFor(recall);
        run.Note($"{set.Name}, recall {recall}: {own.Name} ef {ef} ({own.Recall(ef):0.0000}), {peer.Name} ef {peerEf} ({peer.Recall(peerEf):0.0000})");
        await run.CompareAsync(
            $"{set.Name}: {own.Name} over {peer.Name} at recall {recall}",
            "q/s",
            limit,
            Direction.Min,
            () => Task.FromResult(own.QueriesPerSecond(ef)),
            () => Task.FromResult(peer.QueriesPerSecond(peerEf)),
            rounds);
    }

    private static void AddLine(RecallPlot plot, Contender contender) =>
        plot.Add(contender.Name, PlotEfs.Select(ef => (contender.Recall(ef), Enumerable.Range(0, 3).Max(_ => contender.QueriesPerSecond(ef)))));
}

internal sealed class SearchLatL2Benchmark() : SearchBenchmark("lat", 100_000, DistanceMetric.L2);

internal sealed class SearchLatCosineBenchmark() : SearchBenchmark("lat", 100_000, DistanceMetric.Cosine);

internal sealed class SearchIsoL2Benchmark() : SearchBenchmark("iso", 100_000, DistanceMetric.L2);

internal sealed class SearchLatMillionL2Benchmark() : SearchBenchmark("lat", 1_000_000, DistanceMetric.L2);

internal sealed class SearchLatMillionCosineBenchmark() : SearchBenchmark("lat", 1_000_000, DistanceMetric.Cosine);
