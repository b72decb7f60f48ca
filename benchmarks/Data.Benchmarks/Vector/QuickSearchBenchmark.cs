using Data.Benchmarks.Runner;
using Data.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>Measures the engine in a few seconds: recall, rate against the exact scan and hnswlib, memory, allocation.</summary>
internal sealed class QuickSearchBenchmark : IBenchmark
{
    private const int Count = 20_000;

    // Shows that the graph is walked; the requirements state no limit for a set this small. Measured: 10.1 to 10.4.
    private const double ScanLimit = 5;

    // The required ratio of 3 applies to 100,000 vectors and more. Codes save memory traffic, and with 20,000 vectors the peer's floats
    // (10 MB) stay in the processor's cache when it is not shared: 2.5 to 3.2 at 0.95, 3.3 to 3.6 at 0.99, depending on the run.
    private const double LowLimit = 2.75, HighLimit = 3;

    public string Area => "vector";

    public string Name => "quick-search";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var set = VectorSet.Get("lat", Count, DistanceMetric.L2);
        using var own = new OwnEngine(set);
        run.Record($"{set.Name}: recall at ef 100", "", own.Recall(100), 0.99, Direction.Min);
        run.Record($"{set.Name}: bytes a vector", "B", own.Index.MemoryBytes(out _) / (double)Count, 800, Direction.Max);
        run.Record($"{set.Name}: allocation a query into a caller's buffer", "B", Allocation(own.Index, set), 0, Direction.Max);
        run.Record($"{set.Name}: bytes a vector, opened from disk", "B", MappedBytes(own.Index, set) / (double)Count, 400, Direction.Max);
        await run.CompareAsync(
            $"{set.Name}: over the exact scan at ef 100",
            "q/s",
            ScanLimit,
            Direction.Min,
            () => Task.FromResult(own.QueriesPerSecond(100)),
            () => Task.FromResult(ScanRate(own.Index, set)),
            rounds: 5);
        using var peer = HnswlibPeer.TryStart(set);
        if (peer is null)
        {
            run.Note("hnswlib is not installed (libhnswlib-dev, g++): no comparison");
        }
        else
        {
            await SearchBenchmark.CompareAsync(run, set, own, peer, 0.95, LowLimit);
            await SearchBenchmark.CompareAsync(run, set, own, peer, 0.99, HighLimit);
        }
    }

    private static double Allocation(HnswIndex index, VectorSet set)
    {
        var found = new Neighbor[VectorSet.K];
        index.Search(set.Query(0), 100, found);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            index.Search(set.Query(i), 100, found);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100.0;
    }

    private static double MappedBytes(HnswIndex index, VectorSet set)
    {
        var path = set.File("quick.snapshot");
        using (var snapshot = index.BeginSnapshot())
            snapshot.WriteTo(path);
        try
        {
            using var opened = HnswIndex.Open(path);
            return opened.MemoryBytes(out var mapped) - mapped;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double ScanRate(HnswIndex index, VectorSet set)
    {
        const int queries = 50;
        var found = new Neighbor[VectorSet.K];
        var start = ThreadClock.Seconds;
        for (var i = 0; i < queries; i++)
            index.ScanExact(set.Query(i), found);
        return queries / (ThreadClock.Seconds - start);
    }
}
