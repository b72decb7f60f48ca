using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Data.Vector.Tests.Telemetry;

[Collection(Measurements.Alone)]
public sealed class VectorTelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gauges_OpenCollections_ShowRecordsAndMemoryUntilTheyAreClosed()
    {
        using var seen = new Measurements();
        string name;
        await using (var store = new EmbeddedVectorStore(new()))
        {
            var collection = await NewCollectionAsync(store);
            name = collection.Name;
            await collection.AddAsync([.. Enumerable.Range(0, 10).Select(Record)], Cancel);
            seen.Observe();
            seen.Sum("data.vector.collection.records", ("db.collection.name", name), ("db.system.name", "data.vector")).ShouldBe(10);
            seen.Sum("data.vector.collection.memory", ("db.collection.name", name))
                .ShouldBe((await store.GetStatisticsAsync(name, Cancel)).TotalBytes);
            seen.Sum("data.vector.collection.memory", ("db.collection.name", name), ("data.vector.memory.kind", "mapped")).ShouldBe(0);
        }

        var before = seen.Count("data.vector.collection.records", ("db.collection.name", name));
        seen.Observe();
        seen.Count("data.vector.collection.records", ("db.collection.name", name)).ShouldBe(before);
    }

    [Fact]
    public async Task CodesFailed_LaterRecordsMuchFiner_IsCountedLoggedAndInTheStatistics()
    {
        using var seen = new Measurements();
        using var loggers = new ListLoggers();
        await using var store = new EmbeddedVectorStore(new(), loggerFactory: loggers);
        var collection = await store.CreateCollectionAsync(
            $"c{Guid.NewGuid():N}", new() { Dimensions = 8, Metric = DistanceMetric.L2 }, Cancel);
        (string, object) ours = ("db.collection.name", collection.Name);
        var random = new Random(9);
        await collection.AddAsync(Records(0, 1), Cancel);
        (await store.GetStatisticsAsync(collection.Name, Cancel)).UsesCodes.ShouldBeTrue();
        await collection.AddAsync(Records(3_000, 1e-3f), Cancel);

        var statistics = await store.GetStatisticsAsync(collection.Name, Cancel);
        statistics.UsesCodes.ShouldBeFalse();
        statistics.CodeFailures.ShouldBe(1);
        seen.Sum("data.vector.codes.failures", ours, ("db.system.name", "data.vector")).ShouldBe(1);
        loggers.Lines.ShouldContain(line => line.Id == 3021 && line.Level == LogLevel.Warning
            && line.Text.Contains(collection.Name) && line.Text.Contains("floats"));
        while ((await store.GetStatisticsAsync(collection.Name, Cancel)).RelinkingRecords > 0)
            await Task.Delay(5, Cancel);
        seen.Observe();
        seen.Sum("data.vector.collection.relinking", ours).ShouldBe(0);

        VectorRecord[] Records(int first, float size) =>
        [
            .. Enumerable.Range(first, 3_000).Select(i => new VectorRecord(
                $"r{i}", Enumerable.Range(0, 8).Select(_ => (random.NextSingle() - 0.5f) * size).ToArray())),
        ];
    }

    [Fact]
    public async Task Operations_OfTheStoreInProcess_AreTimedCountedAndTraced()
    {
        using var seen = new Measurements();
        await using var store = new EmbeddedVectorStore(new());
        var collection = await NewCollectionAsync(store);
        (string, object) ours = ("db.collection.name", collection.Name);

        await collection.AddAsync([.. Enumerable.Range(0, 10).Select(Record)], Cancel);
        await collection.UpsertAsync([Record(3)], Cancel);
        await collection.UpdateAsync([new VectorRecordUpdate("r4") { Document = "new" }], Cancel);
        await collection.SearchAsync(new(Record(5).Vector) { Top = 3 }, Cancel);
        await collection.SearchAsync(new(Record(5).Vector) { Top = 2 }, new VectorMatch[2], Cancel);
        await collection.SearchBatchAsync([new(Record(1).Vector), new(Record(2).Vector)], Cancel);
        await collection.SearchRangeAsync(new(Record(5).Vector, 100), Cancel);
        await collection.GetAsync(["r1"], cancellationToken: Cancel);
        await collection.CountAsync(cancellationToken: Cancel);
        (await collection.StreamAsync(cancellationToken: Cancel).CountAsync(Cancel)).ShouldBe(10);
        await collection.DeleteAsync(["r1", "r2", "nobody"], Cancel);
        await collection.DeleteAsync(VectorFilter.Eq("n", 3), Cancel);
        await Should.ThrowAsync<VectorRecordExistsException>(() => collection.AddAsync([Record(5)], Cancel));

        foreach (var (operation, times) in new[] {
            ("add", 2),
            ("upsert", 1),
            ("update", 1),
            ("search", 2),
            ("search_batch", 1),
            ("search_range", 1),
            ("get", 1),
            ("count", 1),
            ("stream", 1),
            ("delete", 2) })
        {
            seen.Count("data.vector.operation.duration", ours, ("db.operation.name", operation), ("db.system.name", "data.vector"))
                .ShouldBe(times, operation);
            seen.Spans.Count(span => span.OperationName == $"{operation} {collection.Name}").ShouldBe(times, operation);
        }

        seen.Count("data.vector.operation.duration", ours, ("error.type", nameof(VectorRecordExistsException))).ShouldBe(1);
        seen.Sum("data.vector.records", ours, ("db.operation.name", "add")).ShouldBe(10);
        seen.Sum("data.vector.records", ours, ("db.operation.name", "delete")).ShouldBe(3);
        var added = seen.Spans.First(span => span.OperationName == $"add {collection.Name}");
        added.Kind.ShouldBe(ActivityKind.Internal);
        added.GetTagItem("db.operation.batch.size").ShouldBe(10);
        var failed = seen.Spans.Single(span => span.Status == ActivityStatusCode.Error && span.OperationName == $"add {collection.Name}");
        failed.GetTagItem("error.type").ShouldBe(nameof(VectorRecordExistsException));
        failed.StatusDescription.ShouldBeNull();
        seen.Spans.First(span => span.OperationName == $"search {collection.Name}").GetTagItem("db.response.returned_rows").ShouldBe(3L);
        seen.Taken.ShouldAllBe(taken => taken.Unit != null);
    }

    [Fact]
    public async Task Validate_AnyNumberOfTimes_AddsOneSeries()
    {
        using var seen = new Measurements();
        await using var store = new EmbeddedVectorStore(new());
        for (var i = 0; i < 3; i++)
            (await store.ValidateAsync(Cancel)).Succeeded.ShouldBeTrue();

        seen.Count("data.vector.operation.duration", ("db.collection.name", "data-vector-probe"), ("db.operation.name", "add"))
            .ShouldBeGreaterThanOrEqualTo(3);
        seen.Taken.SelectMany(static taken => taken.Tags)
            .Where(static tag => tag.Key == "db.collection.name")
            .Select(static tag => (string)tag.Value!)
            .ShouldNotContain(static name => name.StartsWith("data-vector-probe-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Operation_Duration_IsMeasuredWithTheStoresClock()
    {
        using var seen = new Measurements();
        var clock = new FakeTimeProvider();
        await using var store = new EmbeddedVectorStore(new(), timeProvider: clock);
        var collection = await NewCollectionAsync(store);
        await collection.AddAsync([Record(1)], Cancel);

        await foreach (var _ in collection.StreamAsync(cancellationToken: Cancel))
            clock.Advance(TimeSpan.FromSeconds(3));

        seen.Sum("data.vector.operation.duration", ("db.collection.name", collection.Name)).ShouldBe(3);
    }

    [Fact]
    public async Task Journal_OfADurableStore_CountsFlushesEntriesBytesAndSnapshots()
    {
        using var seen = new Measurements();
        using var folder = new TemporaryFolder();
        await using (var store = new EmbeddedVectorStore(new() { Path = folder.Path, SnapshotJournalBytes = 64 << 10 }))
        {
            var collection = await NewCollectionAsync(store);
            for (var i = 0; i < 30; i++)
                await collection.AddAsync([.. Enumerable.Range(i * 100, 100).Select(Record)], Cancel);
        }

        // Other tests write too, so these are lower bounds.
        seen.Count("data.vector.journal.flush.duration").ShouldBeGreaterThanOrEqualTo(30);
        seen.Sum("data.vector.journal.entries").ShouldBeGreaterThanOrEqualTo(30);
        seen.Sum("data.vector.journal.io").ShouldBeGreaterThan(30 * 100 * 16);
        seen.Count("data.vector.snapshot.duration").ShouldBeGreaterThanOrEqualTo(1);
        seen.Sum("data.vector.snapshot.io").ShouldBeGreaterThan(3_000 * 16);
    }

    [Fact]
    public async Task Searches_WithAndWithoutASelectiveFilter_AreCountedByPlan()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await NewCollectionAsync(store);
        await collection.AddAsync([.. Enumerable.Range(0, 6_000).Select(Record)], Cancel);
        using var seen = new Measurements();

        await collection.SearchAsync(new(Record(5).Vector), Cancel);
        await collection.SearchAsync(new(Record(5).Vector) { Filter = VectorFilter.Lt("n", 10) }, Cancel);

        seen.Sum("data.vector.searches", ("data.vector.search.plan", "walk")).ShouldBeGreaterThanOrEqualTo(1);
        seen.Sum("data.vector.searches", ("data.vector.search.plan", "scan")).ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task Requests_RepeatedAndFailed_AreCountedAndLoggedWithoutTheToken()
    {
        using var seen = new Measurements();
        using var logs = new ListLoggers();
        using var http = new HttpClient(new Unavailable());
        var store = new ChromaVectorStore(
            http,
            new() { Token = "s3cret", RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryAttempts = 2 },
            loggerFactory: logs);

        await Should.ThrowAsync<VectorStoreUnavailableException>(() => store.ListCollectionsAsync(Cancel));

        seen.Sum("data.vector.http.retries", ("db.system.name", "chroma")).ShouldBeGreaterThanOrEqualTo(2);
        seen.Sum("data.vector.http.failures", ("db.system.name", "chroma"), ("error.type", nameof(VectorStoreUnavailableException)))
            .ShouldBeGreaterThanOrEqualTo(1);
        logs.Lines.Count(line => line.Id == 3008).ShouldBe(2);
        logs.Lines.ShouldAllBe(line => !line.Text.Contains("s3cret", StringComparison.Ordinal));
    }

    private static Task<IVectorCollection> NewCollectionAsync(EmbeddedVectorStore store) =>
        store.CreateCollectionAsync(
            $"c-{Guid.NewGuid():N}",
            new() { Dimensions = 4, Metric = DistanceMetric.L2, Hnsw = new() { EfConstruction = 40 } },
            Cancel);

    private static VectorRecord Record(int i) => new($"r{i}", new float[] { i, i % 7, 1, i % 13 }) { Metadata = new() { ["n"] = i } };

    private sealed class Unavailable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("{}") });
    }
}
