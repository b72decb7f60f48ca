using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.TestServers;
using Data.Vector;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Vector;

/// <summary>Measures the in-process store against Chroma on loopback through the same interface: searches and adds per second.</summary>
internal sealed class OverChromaBenchmark : IBenchmark
{
    // The batch size of the limit of durable adds. Larger batches reduce Chroma's cost per request; their ratio is reported beside it.
    private const int Dimensions = 128, Batch = 100, LargeBatch = 500, Searches = 100;

    public string Area => "vector";

    public string Name => "over-chroma";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var count = run.Quick ? 5_000 : 50_000;
        var rounds = run.Quick ? 3 : 5;
        var data = new VectorData("lat", Dimensions, 42);
        var rows = data.Base(count);
        var queries = data.Queries(Searches);
        var server = await SharedServers.ChromaAsync();
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var chroma = new ChromaVectorStore(http, new() { Endpoint = server.BaseAddress });
        var root = Directory.CreateTempSubdirectory("data-benchmark-");
        try
        {
            await using var embedded = new EmbeddedVectorStore(new() { Path = root.FullName });
            var ours = new List<IVectorCollection>();
            var theirs = new List<IVectorCollection>();
            await run.CompareAsync(
                $"durable adds over Chroma, batches of {Batch}", "records/s", limit: 5, Direction.Min,
                () => AddAsync(embedded, ours, rows, Batch, run.Cancellation),
                () => AddAsync(chroma, theirs, rows, Batch, run.Cancellation),
                rounds);
            await run.CompareAsync(
                "searches over Chroma, top 10, one at a time", "searches/s", limit: 20, Direction.Min,
                () => SearchAsync(ours[0], queries, run.Cancellation),
                () => SearchAsync(theirs[0], queries, run.Cancellation),
                rounds);
            if (!run.Quick)
            {
                var large = await AddAsync(embedded, ours, rows, LargeBatch, run.Cancellation)
                    / await AddAsync(chroma, theirs, rows, LargeBatch, run.Cancellation);
                run.Note(FormattableString.Invariant($"durable adds over Chroma, batches of {LargeBatch}: {large:0.0}×"));
            }

            run.Note($"lat, {count:N0} × {Dimensions}, L2, M 16, EfConstruction 200, EfSearch 100 on both sides");
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static async Task<double> AddAsync(
        IVectorStore store,
        List<IVectorCollection> made,
        float[] rows,
        int batch,
        CancellationToken cancellation)
    {
        var collection = await store.CreateCollectionAsync(
            $"add-{Guid.NewGuid():N}",
            new() { Dimensions = Dimensions, Metric = DistanceMetric.L2 },
            cancellation);
        made.Add(collection);
        var count = rows.Length / Dimensions;
        var start = Stopwatch.GetTimestamp();
        for (var first = 0; first < count; first += batch)
        {
            await collection.AddAsync(
                [.. Enumerable.Range(first, Math.Min(batch, count - first))
                    .Select(i => new VectorRecord($"r{i}", rows.AsMemory(i * Dimensions, Dimensions)))], cancellation);
        }

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> SearchAsync(IVectorCollection collection, float[] queries, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Searches; i++)
        {
            var found = await collection.SearchAsync(
                new(queries.AsMemory(i * Dimensions, Dimensions)) { Top = 10, IncludeDocuments = false }, cancellation);
            if (found.Count != 10)
                throw new InvalidOperationException($"{found.Count} matches instead of 10.");
        }

        return Searches / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
