using Data.Benchmarks.Runner;
using Data.Vector;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>Filtered search: recall and median time at several shares of vectors that pass.</summary>
internal sealed class FilterBenchmark : IBenchmark
{
    private static readonly double[] Shares = [0.5, 0.1, 0.01, 0.001];

    public string Area => "vector";

    public string Name => "filtered-search";

    public bool Quick => false;

    public Task RunAsync(BenchmarkRun run)
    {
        var set = VectorSet.Get("lat", 100_000, DistanceMetric.L2);
        using var own = new OwnEngine(set);
        foreach (var share in Shares)
        {
            var (recall, median) = Measure(own.Index, set, share);
            run.Record($"{set.Name}: recall, {share:P1} pass", "", recall, 0.98, Direction.Min);
            run.Record($"{set.Name}: median of processor time, {share:P1} pass", "ms", median * 1e3, 1, Direction.Max);
        }

        return Task.CompletedTask;
    }

    private static (double Recall, double Median) Measure(VectorIndex index, VectorSet set, double share)
    {
        const int queries = 300;
        var random = new Random(VectorSet.Seed);
        var words = new ulong[(set.Count + 63) / 64];
        for (var slot = 0; slot < set.Count; slot++)
        {
            if (random.NextDouble() < share) words[slot >> 6] |= 1ul << slot;
        }

        Span<Neighbor> found = stackalloc Neighbor[VectorSet.K];
        Span<Neighbor> exact = stackalloc Neighbor[VectorSet.K];
        var times = new double[queries];
        int hits = 0, wanted = 0;
        for (var i = 0; i < queries; i++)
        {
            var start = ThreadClock.Seconds;
            var count = index.Search(set.Query(i), 100, found, new SlotFilter(words));
            times[i] = ThreadClock.Seconds - start;
            var exactCount = index.ScanExact(set.Query(i), exact, new SlotFilter(words));
            wanted += exactCount;
            foreach (var neighbor in found[..count])
            {
                if (neighbor.Distance <= exact[exactCount - 1].Distance) hits++;
            }
        }

        return ((double)hits / wanted, BenchmarkRun.Median(times));
    }
}
