using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Vector;

namespace Data.Benchmarks.Vector;

/// <summary>Measures the cost of durability: durable adds against volatile ones, and the time from opening to the first answer.</summary>
internal sealed class DurableStoreBenchmark : IBenchmark
{
    private const int Dimensions = 128, Batch = 100;

    public string Area => "vector";

    public string Name => "durable";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var count = run.Quick ? 5_000 : 20_000;
        var data = new VectorData("lat", Dimensions, 42);
        var rows = data.Base(run.Quick ? 20_000 : 100_000);
        var root = Directory.CreateTempSubdirectory("data-benchmark-");
        try
        {
            await run.CompareAsync(
                $"durable over volatile adds, batches of {Batch}", "records/s", limit: 0.5, Direction.Min,
                () => AddAsync(Path.Combine(root.FullName, Guid.NewGuid().ToString("N")), rows, count, run.Cancellation),
                () => AddAsync(null, rows, count, run.Cancellation),
                rounds: run.Quick ? 5 : 7);

            var large = Path.Combine(root.FullName, "large");
            await AddAsync(large, rows, rows.Length / Dimensions, run.Cancellation);
            var openings = new List<double>();
            for (var i = 0; i < 11; i++)
            {
                // Garbage of the previous opening does not count.
                GC.Collect();
                openings.Add(await OpenAsync(large, rows, run.Cancellation));
            }

            // The limit applies to 100,000 records; the time of a smaller set is mostly the fixed cost.
            var records = rows.Length / Dimensions;
            if (records >= 100_000)
                run.Record($"opening {records:N0} to the first answer", "ms", BenchmarkRun.Median(openings), 100, Direction.Max);
            else
                run.Note(FormattableString.Invariant($"Opening {records:N0} to the first answer: {BenchmarkRun.Median(openings):0.0} ms."));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static async Task<double> AddAsync(string? folder, float[] rows, int count, CancellationToken cancellation)
    {
        await using var store = new EmbeddedVectorStore(new() { Path = folder });
        var collection = await store.CreateCollectionAsync(
            "adds",
            new() { Dimensions = Dimensions, Metric = DistanceMetric.L2 },
            cancellation);
        var start = Stopwatch.GetTimestamp();
        for (var first = 0; first < count; first += Batch)
        {
            await collection.AddAsync(
                [.. Enumerable.Range(first, Batch).Select(i => new VectorRecord($"r{i}", rows.AsMemory(i * Dimensions, Dimensions)))],
                cancellation);
        }

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> OpenAsync(string folder, float[] rows, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        await using var store = new EmbeddedVectorStore(new() { Path = folder });
        var collection = await store.GetCollectionAsync("adds", cancellation);
        var found = await collection.SearchAsync(new(rows.AsMemory(0, Dimensions)) { Top = 1 }, cancellation);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return found is [{ Id: "r0" }] ? elapsed : throw new InvalidOperationException("The first answer is wrong.");
    }
}
