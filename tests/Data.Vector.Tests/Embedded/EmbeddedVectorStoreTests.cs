using Microsoft.Extensions.AI;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Vector.Tests.Embedded;

[Collection(Telemetry.Measurements.Alone)]
public sealed class EmbeddedVectorStoreTests
{
    private static readonly VectorCollectionOptions Shape = new()
    {
        Dimensions = 4,
        Metric = DistanceMetric.L2,
        Hnsw = new() { M = 8, EfSearch = 50 }
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(VectorDurability.Durable, VectorIndexKind.Hnsw)]
    [InlineData(VectorDurability.Relaxed, VectorIndexKind.Hnsw)]
    [InlineData(VectorDurability.Durable, VectorIndexKind.Flat)]
    public async Task Open_AfterClose_HoldsWhatWasWritten(VectorDurability durability, VectorIndexKind index)
    {
        using var folder = new TemporaryFolder();
        await using (var store = Open(folder, durability))
        {
            var collection = await store.CreateCollectionAsync("things", Shape with { Index = index }, Cancel);
            await collection.AddAsync([.. Enumerable.Range(0, 100).Select(i => new VectorRecord($"r{i:00}", Vector(i)) {
                Document = $"d{i}",
                Metadata = new() { ["n"] = i, ["tags"] = new[] { $"t{i % 3}" } } })], Cancel);
            await collection.UpsertAsync([new VectorRecord("r05", Vector(500))], Cancel);
            await collection.UpdateAsync([new VectorRecordUpdate("r06") { Document = "new" }], Cancel);
            await collection.DeleteAsync(["r07", "r08"], Cancel);
            await store.CreateCollectionAsync("Things", Shape, Cancel);
            (await store.DeleteCollectionAsync("Things", Cancel)).ShouldBeTrue();
        }

        await using var again = Open(folder, durability);
        (await again.ListCollectionsAsync(Cancel)).ShouldBe(["things"]);
        var reopened = await again.GetCollectionAsync("things", Cancel);
        reopened.Options.ShouldBe(Shape with { Index = index });
        (await reopened.CountAsync(cancellationToken: Cancel)).ShouldBe(98);
        var read = await reopened.GetAsync(["r05", "r06", "r07", "r99"], cancellationToken: Cancel);
        read.Select(record => record.Id).ShouldBe(["r05", "r06", "r99"]);
        read[0].Vector.ToArray().ShouldBe(Vector(500));
        read[0].Document.ShouldBeNull();
        read[1].Document.ShouldBe("new");
        read[2].Metadata!["tags"].AsStrings().ToArray().ShouldBe(["t0"]);
        (await reopened.SearchAsync(new(Vector(50)) { Top = 1 }, Cancel))[0].Id.ShouldBe("r50");
        (await reopened.CountAsync(VectorFilter.Lt("n", 10), Cancel)).ShouldBe(7);
        await reopened.AddAsync([new VectorRecord("r07", Vector(7))], Cancel);
    }

    [Fact]
    public async Task Open_FolderOfAnotherStore_IsRefusedUntilThatOneIsClosed()
    {
        using var folder = new TemporaryFolder();
        await using var first = Open(folder);
        await first.ListCollectionsAsync(Cancel);
        await using var second = Open(folder);

        (await Should.ThrowAsync<VectorStoreLockedException>(() => second.ListCollectionsAsync(Cancel))).Message.ShouldContain(folder.Path);
        var validation = await second.ValidateAsync(Cancel);
        validation.Succeeded.ShouldBeFalse();
        validation.FailedStep.ShouldBe("connect");

        await first.DisposeAsync();
        (await second.ListCollectionsAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Dispose_OpenCollection_RefusesFurtherCalls()
    {
        var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape, Cancel);
        await store.DisposeAsync();
        await store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => collection.AddAsync([new VectorRecord("a", Vector(1))], Cancel));
        await Should.ThrowAsync<ObjectDisposedException>(async () => await collection.SearchAsync(new(Vector(1)), Cancel));
        await Should.ThrowAsync<ObjectDisposedException>(() => store.ListCollectionsAsync(Cancel));
    }

    [Fact]
    public async Task SearchBatch_StoreDisposedMeanwhile_ThrowsWhatASingleSearchThrows()
    {
        for (var round = 0; round < 20; round++)
        {
            var store = new EmbeddedVectorStore(new() { MaxDegreeOfParallelism = 2 });
            var collection = await store.CreateCollectionAsync("things", Shape, Cancel);
            await collection.AddAsync([.. Enumerable.Range(0, 100).Select(i => new VectorRecord($"r{i}", Vector(i)))], Cancel);
            VectorSearchRequest[] requests = [.. Enumerable.Range(0, 500).Select(i => new VectorSearchRequest(Vector(i)))];
            var batches = Task.Run(async () =>
            {
                while (true)
                    await collection.SearchBatchAsync(requests, Cancel);
            }, Cancel);

            await Task.Delay(round, Cancel);
            await store.DisposeAsync();

            await Should.ThrowAsync<ObjectDisposedException>(() => batches);
        }
    }

    [Fact]
    public void Constructor_OptionsOutOfRange_NamesAllOfThem()
    {
        var refused = Should.Throw<VectorInputException>(
            () => new EmbeddedVectorStore(new()
            {
                Path = " ",
                MaxDegreeOfParallelism = -1,
                FlushInterval = TimeSpan.Zero,
                CloseIdleAfter = TimeSpan.Zero,
                MaxOpenCollections = 0,
            }));

        refused.Message.ShouldContain("Path");
        refused.Message.ShouldContain("MaxDegreeOfParallelism");
        refused.Message.ShouldContain("FlushInterval");
        refused.Message.ShouldContain("CloseIdleAfter");
        refused.Message.ShouldContain("MaxOpenCollections");
    }

    [Fact]
    public async Task Search_IntoABuffer_AllocatesNothing()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape, Cancel);
        await collection.AddAsync([.. Enumerable.Range(0, 200).Select(i => new VectorRecord($"r{i}", Vector(i)))], Cancel);
        var request = new VectorSearchRequest(Vector(50)) { Top = 10, IncludeDocuments = false };
        var buffer = new VectorMatch[10];
        for (var i = 0; i < 100; i++)
            await collection.SearchAsync(request, buffer, Cancel);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var search = collection.SearchAsync(request, buffer, Cancel);
        var spent = GC.GetAllocatedBytesForCurrentThread() - before;

        search.IsCompletedSuccessfully.ShouldBeTrue();
        spent.ShouldBe(0);
        before = GC.GetAllocatedBytesForCurrentThread();
        var list = collection.SearchAsync(request, Cancel);
        spent = GC.GetAllocatedBytesForCurrentThread() - before;
        list.IsCompletedSuccessfully.ShouldBeTrue();
        spent.ShouldBeLessThanOrEqualTo(512);
    }

    [Fact]
    public async Task HealthCheck_FolderIsTaken_IsDegradedAndNamesTheStepAndNoPath()
    {
        using var folder = new TemporaryFolder();
        await using var first = Open(folder);
        await first.ListCollectionsAsync(Cancel);
        await using var second = Open(folder);

        var health = await new VectorStoreHealthCheck(second).CheckHealthAsync(new HealthCheckContext(), Cancel);

        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description.ShouldBe("The probe failed at step 'connect'.");
        (await new VectorStoreHealthCheck(first).CheckHealthAsync(new HealthCheckContext(), Cancel)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Theory]
    [InlineData(1, 4, "1 vectors for 2 texts")]
    [InlineData(2, 3, "3 values")]
    public async Task Add_GeneratorBreaksItsContract_IsRefusedAndWritesNothing(int vectors, int dimensions, string complaint)
    {
        await using var store = new EmbeddedVectorStore(new(), new BrokenGenerator(vectors, dimensions));
        var collection = await store.CreateCollectionAsync("things", Shape, Cancel);

        var refusal = await Should.ThrowAsync<DataVectorException>(
            () => collection.AddAsync([new VectorRecord("a", "one text"), new VectorRecord("b", "another")], Cancel));

        refusal.Message.ShouldContain(complaint);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
    }

    private static EmbeddedVectorStore Open(TemporaryFolder folder, VectorDurability durability = VectorDurability.Durable) =>
        new(new() { Path = folder.Path, Durability = durability });

    private static float[] Vector(int i) => [i, 1, i * 0.5f, -1];

    private sealed class BrokenGenerator(int vectors, int dimensions) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(
                Enumerable.Range(1, vectors).Select(_ => new Embedding<float>(Enumerable.Repeat(1f, dimensions).ToArray()))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
