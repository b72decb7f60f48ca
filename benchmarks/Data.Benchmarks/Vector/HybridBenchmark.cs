using System.Diagnostics;
using System.Globalization;
using Data.Benchmarks.Runner;
using Data.Vector;

namespace Data.Benchmarks.Vector;

/// <summary>
/// Measures hybrid searches of a store in process: 100,000 texts of 50 words whose frequencies follow Zipf's law, as the words of the
/// searches do, and vectors of 128 dimensions.
/// </summary>
internal sealed class HybridBenchmark : IBenchmark
{
    private const int Count = 100_000, Words = 50, Vocabulary = 50_000, Queries = 1_000, Top = 10, Batch = 1_000;

    // From where the sum of 1/rank reaches a random share of the whole.
    private readonly double[] _shares = new double[Vocabulary];

    public string Area => "vector";

    public string Name => "hybrid";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var sum = 0.0;
        for (var rank = 0; rank < Vocabulary; rank++)
            _shares[rank] = sum += 1.0 / (rank + 1);

        var random = new Random(VectorSet.Seed);
        var data = new VectorData("lat", VectorSet.UsualDimension, VectorSet.Seed);
        var (vectors, queries) = (data.Base(Count), data.Queries(Queries));
        await using var store = new EmbeddedVectorStore(new());
        var shape = new VectorCollectionOptions { Dimensions = VectorSet.UsualDimension, Metric = DistanceMetric.L2 };
        var collection = await store.CreateCollectionAsync("hybrid", shape);
        for (var first = 0; first < Count; first += Batch)
        {
            var records = Enumerable.Range(first, Batch).Select(row =>
                new VectorRecord($"{row}", vectors.AsMemory(row * VectorSet.UsualDimension, VectorSet.UsualDimension))
                {
                    Document = Text(random, Words),
                });
            await collection.AddAsync([.. records]);
        }

        var started = Stopwatch.GetTimestamp();
        await SearchAsync(collection, queries, 0, "w1", HybridFusion.ReciprocalRank());
        run.Progress($"the first search, which builds the text index: {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s");
        var statistics = await store.GetStatisticsAsync("hybrid");
        run.Record("100,000 texts: text index a text", "B", statistics.TextIndexBytes / (double)Count, 400, Direction.Max);
        foreach (var words in new[] { 1, 2, 4, 8 })
        {
            string[] texts = [.. Enumerable.Range(0, Queries).Select(_ => Text(random, words))];
            await MeasureAsync(run, collection, queries, texts, $"{words} words, by words only", HybridFusion.Weighted(0), null);
            await MeasureAsync(run, collection, queries, texts, $"{words} words and vector", HybridFusion.ReciprocalRank(), 1);
        }
    }

    private static async Task MeasureAsync(
        BenchmarkRun run,
        IVectorCollection collection,
        float[] queries,
        string[] texts,
        string name,
        HybridFusion fusion,
        double? limit)
    {
        var times = new double[Queries];
        for (var i = 0; i < 200; i++)
            await SearchAsync(collection, queries, i, texts[i], fusion);

        var allocated = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < Queries; i++)
        {
            var start = ThreadClock.Seconds;
            await SearchAsync(collection, queries, i, texts[i], fusion);
            times[i] = ThreadClock.Seconds - start;
        }

        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var p50 = BenchmarkRun.Median(times) * 1e3;
        if (limit is { } most)
            run.Record($"100,000 texts: {name}, p50", "ms", p50, most, Direction.Max);

        var p99 = times.Order().ElementAt(Queries * 99 / 100) * 1e3;
        run.Progress($"{name}: p50 {p50:0.000} ms, p99 {p99:0.000} ms, {allocated / Queries:N0} B a search");
    }

    private static async Task SearchAsync(IVectorCollection collection, float[] queries, int query, string text, HybridFusion fusion)
    {
        var vector = queries.AsMemory(query * VectorSet.UsualDimension, VectorSet.UsualDimension);
        await collection.HybridSearchAsync(new(text, vector) { Top = Top, Fusion = fusion });
    }

    private string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ =>
    {
        var rank = Array.BinarySearch(_shares, random.NextDouble() * _shares[^1]);
        return string.Create(CultureInfo.InvariantCulture, $"w{(rank < 0 ? ~rank : rank)}");
    }));
}
