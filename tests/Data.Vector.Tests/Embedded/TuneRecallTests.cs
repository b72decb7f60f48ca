using Data.Benchmarks.Vector;

namespace Data.Vector.Tests.Embedded;

public sealed class TuneRecallTests
{
    private const int Dimensions = 32, Rows = 4_000;

    private static readonly VectorCollectionOptions Shape =
        new() { Dimensions = Dimensions, Metric = DistanceMetric.L2, Hnsw = new() { M = 6, EfConstruction = 40, EfSearch = 500 } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TuneRecall_WantedRecall_IsUsedFromThenOnAndAfterReopening()
    {
        using var folder = new TemporaryFolder();
        int found;
        await using (var store = new EmbeddedVectorStore(new() { Path = folder.Path }))
        {
            var collection = await FilledAsync(store);
            var seen = new List<RecallPoint>();
            var report = await store.TuneRecallAsync("articles", new() { TargetRecall = 0.9 }, new Seen(seen), Cancel);
            report.Reached.ShouldBeTrue();
            report.Recall.ShouldBeGreaterThanOrEqualTo(0.9);
            seen.OrderBy(point => point.EfSearch).ShouldBe(report.Curve);
            found = report.EfSearch;
            found.ShouldBeInRange(10, 200);
            collection.Options.Hnsw.EfSearch.ShouldBe(found);
            (await RecallAsync(collection)).ShouldBeInRange(0.85, 0.99);
        }

        await using var again = new EmbeddedVectorStore(new() { Path = folder.Path });
        var reopened = await again.GetOrCreateCollectionAsync("articles", Shape, Cancel);
        reopened.Options.ShouldBe(Shape with { Hnsw = Shape.Hnsw with { EfSearch = found } });
        (await reopened.CountAsync(cancellationToken: Cancel)).ShouldBe(Rows);
    }

    [Fact]
    public async Task TuneRecall_NotToBeApplied_LeavesTheCollectionAsItWas()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await FilledAsync(store);
        var report = await store.TuneRecallAsync("articles", new() { TargetRecall = 0.9, Apply = false }, cancellationToken: Cancel);
        report.Reached.ShouldBeTrue();
        report.EfSearch.ShouldBeLessThan(500);
        collection.Options.Hnsw.EfSearch.ShouldBe(500);
    }

    [Fact]
    public async Task TuneRecall_WhatCannotBe_IsRefusedByName()
    {
        await using var store = new EmbeddedVectorStore(new());
        await store.CreateCollectionAsync("empty", Shape, Cancel);
        await store.CreateCollectionAsync("flat", Shape with { Index = VectorIndexKind.Flat }, Cancel);
        (await Should.ThrowAsync<VectorInputException>(() => store.TuneRecallAsync("empty", cancellationToken: Cancel))).Message
            .ShouldContain("no records");
        (await Should.ThrowAsync<VectorInputException>(() => store.TuneRecallAsync("flat", cancellationToken: Cancel))).Message
            .ShouldContain("exact");
        await Should.ThrowAsync<VectorCollectionNotFoundException>(() => store.TuneRecallAsync("nobody", cancellationToken: Cancel));
        foreach (var tuning in new RecallTuning[] {
            new() { TargetRecall = 0 },
            new() { TargetRecall = 1 },
            new() { TargetRecall = double.NaN },
            new() { Top = 0 },
            new() { SampleSize = 9 } })
        {
            await Should.ThrowAsync<VectorInputException>(() => store.TuneRecallAsync("empty", tuning, cancellationToken: Cancel));
        }
    }

    [Fact]
    public async Task TuneRecall_Cancelled_EndsAndChangesNothing()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await FilledAsync(store);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var progress = new Acting(cancellation.Cancel);
        await Should.ThrowAsync<OperationCanceledException>(
            () => store.TuneRecallAsync("articles", new() { TargetRecall = 0.999 }, progress, cancellation.Token));
        collection.Options.Hnsw.EfSearch.ShouldBe(500);
    }

    [Fact]
    public async Task GetStatistics_OpenCollection_TellsRecordsAndBytes()
    {
        using var folder = new TemporaryFolder();
        await using (var store = new EmbeddedVectorStore(new() { Path = folder.Path, SnapshotJournalBytes = 1 << 20 }))
        {
            await FilledAsync(store);
            var statistics = await store.GetStatisticsAsync("articles", Cancel);
            statistics.Records.ShouldBe(Rows);
            // Floats, a code of one cache line, links, and what else a row has.
            statistics.BytesPerVector.ShouldBeInRange((Dimensions * 4) + 64 + (12 * 4), (Dimensions * 4) + 64 + (12 * 4) + 40);
            statistics.MappedBytes.ShouldBe(0);
            statistics.JournalBytes.ShouldBeGreaterThan(Rows * Dimensions * 4);
        }

        await using var again = new EmbeddedVectorStore(new() { Path = folder.Path, SnapshotJournalBytes = 1 << 20 });
        var mapped = await again.GetStatisticsAsync("articles", Cancel);
        mapped.Records.ShouldBe(Rows);
        mapped.MappedBytes.ShouldBe(OperatingSystem.IsWindows() ? 0 : Rows * Dimensions * 4L);
        await Should.ThrowAsync<VectorCollectionNotFoundException>(() => again.GetStatisticsAsync("nobody", Cancel));
    }

    private static async Task<IVectorCollection> FilledAsync(EmbeddedVectorStore store)
    {
        var rows = new VectorData("lat", Dimensions, seed: 5).Base(Rows);
        var collection = await store.CreateCollectionAsync("articles", Shape, Cancel);
        await collection.AddAsync(
            [.. Enumerable.Range(0, Rows).Select(i => new VectorRecord($"a-{i}", rows.AsMemory(i * Dimensions, Dimensions)))],
            Cancel);
        return collection;
    }

    private static async Task<double> RecallAsync(IVectorCollection collection)
    {
        const int queries = 200, top = 10;
        var data = new VectorData("lat", Dimensions, seed: 5).Queries(queries);
        var hits = 0;
        for (var i = 0; i < queries; i++)
        {
            var query = data.AsMemory(i * Dimensions, Dimensions);
            var exact = await collection.SearchAsync(new(query) { Top = top, EfSearch = Rows }, Cancel);
            var found = await collection.SearchAsync(new(query) { Top = top }, Cancel);
            hits += found.Count(match => match.Distance <= exact[^1].Distance);
        }

        return (double)hits / (queries * top);
    }

    private sealed class Seen(List<RecallPoint> points) : IProgress<RecallPoint>
    {
        public void Report(RecallPoint value) => points.Add(value);
    }

    private sealed class Acting(Action action) : IProgress<RecallPoint>
    {
        public void Report(RecallPoint value) => action();
    }
}
