using Data.Vector.Embedded;
using Data.Vector.Tests.Telemetry;

namespace Data.Vector.Tests.Embedded;

/// <summary>Collections that answer before all of their records have been read from disk.</summary>
public sealed class LargeCollectionTests : IAsyncLifetime
{
    private const int Count = StoredRecords.ReadLaterFrom + 5_000;

    private readonly TemporaryFolder _folder = new();
    private readonly ListLoggers _loggers = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string RecordsFile =>
        Directory.GetFiles(_folder.Path, "snapshot-*.records", SearchOption.AllDirectories).ShouldHaveSingleItem();

    public async ValueTask InitializeAsync()
    {
        await using var store = Open();
        var shape = new VectorCollectionOptions { Dimensions = 2, Index = VectorIndexKind.Flat, Metric = DistanceMetric.L2 };
        var collection = await store.CreateCollectionAsync("large", shape, Cancel);
        foreach (var batch in Enumerable.Range(0, Count).Chunk(5_000))
            await collection.AddAsync([.. batch.Select(i => Record(i))], Cancel);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        _loggers.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Open_ManyRecords_ReadsAndWritesAtOnce()
    {
        await using (var store = Open())
        {
            var collection = await store.GetCollectionAsync("large", Cancel);
            (await collection.SearchAsync(new(Record(40_000).Vector) { Top = 1, IncludeDocuments = true }, Cancel))
                .ShouldHaveSingleItem().Document.ShouldBe("text 40000");
            await Should.ThrowAsync<VectorRecordExistsException>(() => collection.AddAsync([Record(7)], Cancel));
            await collection.UpsertAsync([Record(3, "newer"), Record(Count, "new")], Cancel);
            (await collection.DeleteAsync(["r5", "r49999", "nobody"], Cancel)).ShouldBe(2);
            await collection.UpsertAsync([new VectorRecord("r6", new float[] { -1, -1 }) { Document = "moved" }], Cancel);
            await CheckAsync(collection);
            (await collection.StreamAsync(cancellationToken: Cancel).Select(record => record.Id).ToListAsync(Cancel))
                .ToHashSet().Count.ShouldBe(Count - 1);
            await CheckAsync(collection);
        }

        await using var again = Open();
        await CheckAsync(await again.GetCollectionAsync("large", Cancel));
    }

    [Fact]
    public async Task Open_WritesSinceTheSnapshot_AreRepeatedOverUnreadRecords()
    {
        await using (var store = Open())
        {
            var collection = await store.GetCollectionAsync("large", Cancel);
            await collection.UpsertAsync([Record(3, "newer"), Record(Count, "new")], Cancel);
            await collection.DeleteAsync(["r5", "r49999"], Cancel);
            await collection.UpsertAsync([new VectorRecord("r6", new float[] { -1, -1 }) { Document = "moved" }], Cancel);
        }

        await using var again = Open();
        await CheckAsync(await again.GetCollectionAsync("large", Cancel));
    }

    [Fact]
    public async Task Snapshot_SoonAfterOpening_HoldsTheUnreadRecords()
    {
        await using (var store = Open(snapshotJournalBytes: 64 << 10))
        {
            var collection = await store.GetCollectionAsync("large", Cancel);
            await collection.UpsertAsync([.. Enumerable.Range(0, 2_000).Select(i => Record(i, "newer"))], Cancel);
        }

        Path.GetFileName(RecordsFile).ShouldNotContain("00000001");
        await using var again = Open();
        var documents = await (await again.GetCollectionAsync("large", Cancel)).StreamAsync(cancellationToken: Cancel)
            .ToDictionaryAsync(record => record.Id, record => record.Document, cancellationToken: Cancel);
        documents.Count.ShouldBe(Count);
        documents["r1999"].ShouldBe("newer");
        documents["r2000"].ShouldBe("text 2000");
    }

    [Fact]
    public async Task Read_BlockDamaged_FailsWhereItIsWantedAndNowhereElse()
    {
        await FlipAsync(0.5);
        var files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Length;
        await using (var store = Open())
        {
            var collection = await store.GetCollectionAsync("large", Cancel);
            (await collection.GetAsync(["r1"], cancellationToken: Cancel)).ShouldHaveSingleItem().Document.ShouldBe("text 1");
            await Should.ThrowAsync<VectorStoreCorruptException>(
                async () => await collection.StreamAsync(cancellationToken: Cancel).CountAsync(Cancel));
            var failures = 0;
            for (var i = 0; i < Count; i += 500)
            {
                try
                {
                    (await collection.GetAsync([$"r{i}"], cancellationToken: Cancel)).ShouldHaveSingleItem().Document.ShouldBe($"text {i}");
                }
                catch (VectorStoreCorruptException exception)
                {
                    exception.Message.ShouldContain(".records");
                    failures++;
                }
            }

            failures.ShouldBeInRange(1, 10);
            await collection.UpsertAsync([Record(1, "newer")], Cancel);
        }

        _loggers.Lines.ShouldContain(line => line.Id == 3022 && line.Text.Contains("large"));
        Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Length.ShouldBe(files);
    }

    [Fact]
    public async Task Open_DirectoryDamaged_IsRefused()
    {
        await FlipAsync(0.99);
        await using var store = Open();
        (await Should.ThrowAsync<VectorStoreCorruptException>(() => store.GetCollectionAsync("large", Cancel)))
            .Message.ShouldContain(".records");
    }

    [Fact]
    public async Task Dispose_WhileRecordsAreRead_EndsItAndOpensAgain()
    {
        for (var i = 0; i < 3; i++)
        {
            await using var store = Open();
            var collection = await store.GetCollectionAsync("large", Cancel);
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(Count);
        }
    }

    private static async Task CheckAsync(IVectorCollection collection)
    {
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(Count - 1);
        (await collection.GetAsync(["r5", "r49999"], cancellationToken: Cancel)).ShouldBeEmpty();
        (await collection.GetAsync(["r3", "r4", "r6", $"r{Count}"], cancellationToken: Cancel)).Select(record => record.Document)
            .ShouldBe(["newer", "text 4", "moved", "new"]);
        (await collection.CountAsync(VectorFilter.Eq("n", 4), Cancel)).ShouldBe(1);
    }

    private static VectorRecord Record(int i, string? text = null) =>
        new($"r{i}", new[] { i % 300, i / 300f }) { Document = text ?? $"text {i}", Metadata = new() { ["n"] = i } };

    private async Task FlipAsync(double share)
    {
        var content = await File.ReadAllBytesAsync(RecordsFile, Cancel);
        content[(int)(content.Length * share)] ^= 1;
        await File.WriteAllBytesAsync(RecordsFile, content, Cancel);
    }

    private EmbeddedVectorStore Open(long snapshotJournalBytes = 32 << 20) => new(
        new() { Path = _folder.Path, Durability = VectorDurability.Relaxed, SnapshotJournalBytes = snapshotJournalBytes },
        loggerFactory: _loggers);
}
