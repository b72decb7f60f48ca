using Data.Vector.Tests.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Tests.Embedded;

[Collection(Measurements.Alone)]
public sealed class RecallMonitorTests
{
    private const int Dimensions = 32, Count = 2_000;

    private readonly Random _random = new(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Recall_GoodGraph_IsShownAndHealthy()
    {
        using var seen = new Measurements();
        await using var store = new EmbeddedVectorStore(new());
        var collection = await CreateAsync(store, efSearch: 200);
        await AddAsync(collection, 0, 900);
        (await store.GetStatisticsAsync(collection.Name, Cancel)).Recall.ShouldBeNull();
        await AddAsync(collection, 900, Count);
        (await MeasuredAsync(store, collection.Name)).ShouldBeGreaterThan(0.95);
        seen.Observe();
        seen.Count("data.vector.collection.recall", ("db.collection.name", collection.Name), ("db.system.name", "data.vector")).ShouldBe(1);
        (await HealthAsync(store)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Recall_BelowTheLimit_IsLoggedAndDegradedUntilItIsRaised()
    {
        using var loggers = new ListLoggers();
        await using var store = new EmbeddedVectorStore(new() { MinRecall = 0.9 }, loggerFactory: loggers);
        var collection = await CreateAsync(store, efSearch: 1);
        await AddAsync(collection, 0, Count);
        (await MeasuredAsync(store, collection.Name)).ShouldBeLessThan(0.9);
        var health = await HealthAsync(store);
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description!.ShouldContain(collection.Name);
        loggers.Lines.ShouldContain(line => line.Id == 3023 && line.Level == LogLevel.Warning && line.Text.Contains("0.9"));

        await store.TuneRecallAsync(collection.Name, new() { TargetRecall = 0.999 }, cancellationToken: Cancel);
        await AddAsync(collection, Count, Count + (Count / 2));
        while ((await HealthAsync(store)).Status != HealthStatus.Healthy)
            await Task.Delay(10, Cancel);
    }

    [Fact]
    public async Task Recall_AfterOpening_IsMeasuredWithoutAWrite()
    {
        using var folder = new TemporaryFolder();
        await using (var first = new EmbeddedVectorStore(new() { Path = folder.Path, MinRecall = 0 }))
        {
            var collection = await CreateAsync(first, efSearch: 100);
            await AddAsync(collection, 0, Count);
            (await first.GetStatisticsAsync(collection.Name, Cancel)).Recall.ShouldBeNull();
        }

        await using var store = new EmbeddedVectorStore(new() { Path = folder.Path });
        (await MeasuredAsync(store, (await store.ListCollectionsAsync(Cancel))[0])).ShouldBeGreaterThan(0.9);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void MinRecall_OutOfRange_IsRefusedByName(double value) =>
        Should.Throw<VectorInputException>(() => new EmbeddedVectorStore(new() { MinRecall = value })).Message.ShouldContain("MinRecall");

    private static Task<HealthCheckResult> HealthAsync(EmbeddedVectorStore store) =>
        new VectorStoreHealthCheck(store).CheckHealthAsync(new HealthCheckContext(), Cancel);

    private static async Task<double> MeasuredAsync(EmbeddedVectorStore store, string collection)
    {
        while (true)
        {
            if ((await store.GetStatisticsAsync(collection, Cancel)).Recall is { } recall)
                return recall;

            await Task.Delay(5, Cancel);
        }
    }

    private static Task<IVectorCollection> CreateAsync(EmbeddedVectorStore store, int efSearch) => store.CreateCollectionAsync(
        $"c{Guid.NewGuid():N}",
        new() { Dimensions = Dimensions, Metric = DistanceMetric.L2, Hnsw = new() { EfSearch = efSearch } },
        Cancel);

    private Task AddAsync(IVectorCollection collection, int first, int end) => collection.AddAsync(
        [
            .. Enumerable.Range(first, end - first).Select(i =>
                new VectorRecord($"r{i}", Enumerable.Range(0, Dimensions).Select(_ => _random.NextSingle()).ToArray())),
        ],
        Cancel);
}
