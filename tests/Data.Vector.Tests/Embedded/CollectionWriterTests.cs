using Data.Vector.Embedded;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Embedded;

public sealed class CollectionWriterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeleteAsync_RecordRewrittenAfterTheFilterMatchedIt_KeepsIt()
    {
        using var records = new StoredRecords(new FlatIndex(2, DistanceMetric.L2, 0), parallelism: 1);
        await using var journal = new HeldJournal();
        var gate = new WriteGate();
        var writer = new CollectionWriter("c", records, journal, new SnapshotSchedule(keeper: null, gate, records), gate);
        await writer.AddAsync([Record("rewritten", "draft"), Record("draft", "draft")], Cancel);

        journal.Hold = new TaskCompletionSource();
        var upsert = writer.UpsertAsync([Record("rewritten", "final")], Cancel);
        var delete = writer.DeleteAsync(VectorFilter.Eq("state", "draft"), Cancel);
        delete.IsCompleted.ShouldBeFalse();
        journal.Hold.SetResult();
        await upsert;

        (await delete).ShouldBe(1);
        var kept = records.Read("rewritten", includeVectors: false, includeDocuments: false).ShouldNotBeNull();
        kept.Metadata!["state"].AsString().ShouldBe("final");
        records.Read("draft", includeVectors: false, includeDocuments: false).ShouldBeNull();
    }

    private static VectorRecord Record(string id, string state) =>
        new(id, new float[] { 1, 2 }) { Metadata = new() { ["state"] = state } };

    /// <summary>A journal whose writes of records wait while it is held.</summary>
    private sealed class HeldJournal : IWriteJournal
    {
        public TaskCompletionSource? Hold { get; set; }

        public bool HasFailed => false;

        public async ValueTask PutAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken) =>
            await (Hold?.Task ?? Task.CompletedTask);

        public ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
