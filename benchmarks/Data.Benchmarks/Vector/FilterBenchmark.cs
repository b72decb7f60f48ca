using Data.Benchmarks.Runner;
using Data.Vector;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>Measures filtered search by the share of vectors that pass: recall and times of the index and of the store.</summary>
internal sealed class FilterBenchmark : IBenchmark
{
    private const int Count = 100_000, Queries = 500, Ef = 100;

    private static readonly double[] Shares = [0.5, 0.25, 0.1, 0.03, 0.01, 0.001];

    public string Area => "vector";

    public string Name => "filtered-search";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        var set = VectorSet.Get("lat", Count, DistanceMetric.L2);
        using (var own = new OwnEngine(set))
        {
            foreach (var share in Shares)
                MeasureIndex(run, own.Index, set, share);
        }

        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("filtered", new() { Dimensions = set.Dimension, Metric = set.Metric });
        await FillAsync(collection, set);
        foreach (var share in Shares)
        {
            var below = (long)(share * 1_000);
            await MeasureStoreAsync(run, collection, set, share, "range", VectorFilter.Lt("rank", below));
            await MeasureStoreAsync(run, collection, set, share, "value", VectorFilter.Eq($"pass{below}", true));
        }
    }

    private static void MeasureIndex(BenchmarkRun run, VectorIndex index, VectorSet set, double share)
    {
        var random = new Random(VectorSet.Seed);
        var words = new ulong[(set.Count + 63) / 64];
        for (var slot = 0; slot < set.Count; slot++)
        {
            if (random.NextDouble() < share)
                words[slot >> 6] |= 1ul << slot;
        }

        Span<Neighbor> found = stackalloc Neighbor[VectorSet.K];
        Span<Neighbor> exact = stackalloc Neighbor[VectorSet.K];
        var times = new double[Queries];
        var scans = new double[Queries];
        int hits = 0, wanted = 0;
        for (var i = 0; i < Queries; i++)
        {
            var start = ThreadClock.Seconds;
            var count = index.Search(set.Query(i), Ef, found, new SlotFilter(words));
            times[i] = ThreadClock.Seconds - start;
            start = ThreadClock.Seconds;
            var exactCount = index.ScanExact(set.Query(i), exact, new SlotFilter(words));
            scans[i] = ThreadClock.Seconds - start;
            wanted += exactCount;
            foreach (var neighbor in found[..count])
            {
                if (neighbor.Distance <= exact[exactCount - 1].Distance)
                    hits++;
            }
        }

        Record(run, $"{set.Name}, index, {share:P1} pass", share, (double)hits / wanted, times);
        // Where many pass the graph must be walked: a scan of half of the codes is at most three times as fast as a scan of the floats.
        if (share >= 0.5)
        {
            run.Record(
                $"{set.Name}, index, {share:P1} pass: over the exact scan",
                "×",
                BenchmarkRun.Median(scans) / BenchmarkRun.Median(times),
                4,
                Direction.Min);
        }
    }

    /// <summary>
    /// Fills the collection so that each share can be queried in two ways: as a range of ranks, by the sorted index, and as a value, by the
    /// inverted index.
    /// </summary>
    private static async Task FillAsync(IVectorCollection collection, VectorSet set)
    {
        const int batch = 1_000;
        var random = new Random(VectorSet.Seed);
        for (var first = 0; first < set.Count; first += batch)
        {
            var records = Enumerable.Range(first, batch).Select(row =>
            {
                var rank = random.Next(1_000);
                var metadata = new VectorMetadata { ["rank"] = rank };
                foreach (var share in Shares)
                    metadata[$"pass{(long)(share * 1_000)}"] = rank < share * 1_000;
                return new VectorRecord($"{row}", set.Base.AsMemory(row * set.Dimension, set.Dimension)) { Metadata = metadata };
            });
            await collection.AddAsync([.. records]);
        }
    }

    private static async Task MeasureStoreAsync(
        BenchmarkRun run,
        IVectorCollection collection,
        VectorSet set,
        double share,
        string kind,
        VectorFilter filter)
    {
        var times = new double[Queries];
        for (var i = -1; i < Queries; i++)
        {
            var query = set.Queries.AsMemory(Math.Max(i, 0) * set.Dimension, set.Dimension);
            var start = ThreadClock.Seconds;
            var matches = await collection.SearchAsync(new(query) { Top = VectorSet.K, Filter = filter, EfSearch = Ef });
            if (matches.Count != VectorSet.K)
                throw new InvalidOperationException($"{matches.Count} matches instead of {VectorSet.K}.");
            // The first query builds the metadata index.
            if (i >= 0)
                times[i] = ThreadClock.Seconds - start;
        }

        Record(run, $"{set.Name}, store, {kind}, {share:P1} pass", share, null, times);
    }

    private static void Record(BenchmarkRun run, string name, double share, double? recall, double[] times)
    {
        if (recall is { } value)
            run.Record($"{name}: recall", "", value, share < 0.01 ? 0.95 : 0.98, Direction.Min);
        run.Record($"{name}: p50", "ms", BenchmarkRun.Median(times) * 1e3, 1, Direction.Max);
        run.Progress($"{name}: p99 {times.Order().ElementAt(Queries * 99 / 100) * 1e3:0.000} ms");
    }
}
