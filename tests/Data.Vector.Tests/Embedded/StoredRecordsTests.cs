using Data.Vector.Embedded;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;

namespace Data.Vector.Tests.Embedded;

/// <summary>What is left of a write while reads of the state before it have not ended.</summary>
public sealed class StoredRecordsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Read_RecordsChangedMeanwhile_SeesTheStateAtItsBeginningUntilItEnds()
    {
        using var records = new StoredRecords(new FlatIndex(2, DistanceMetric.L2), parallelism: 1);
        records.Put([Record("changed", 1, "old"), Record("moved", 2, "old"), Record("deleted", 3, "old")]);
        var earlier = records.Enter();
        records.Put([Record("changed", 1, "new"), Record("moved", 20, "new"), Record("added", 4, "new")]);
        records.Put([Record("moved", 21, "newer")]);
        records.Delete(["deleted"]);

        Selected(records, "old", earlier.Version).ShouldBe(["changed", "deleted", "moved"]);
        Selected(records, "new", earlier.Version).ShouldBeEmpty();
        Selected(records, "new", records.Index.Version).ShouldBe(["added", "changed"]);
        Found(records, earlier.Version).ShouldBe([1, 2, 3]);
        Found(records, records.Index.Version).ShouldBe([1, 4, 21]);
        records.Count.ShouldBe(3);
        records.Index.VisibleBound.ShouldBeGreaterThanOrEqualTo(3);

        earlier.Dispose();
        Selected(records, "new", records.Index.Version).ShouldBe(["added", "changed"]);
        Found(records, records.Index.Version).ShouldBe([1, 4, 21]);
        records.Index.VisibleBound.ShouldBe(3);
        records.Removed.ShouldBe(3);
    }

    [Fact]
    public void Capture_ReadOfAnEarlierStateHasNotEnded_HoldsTheNewestStateOnly()
    {
        using var folder = new TemporaryFolder();
        using var records = new StoredRecords(new FlatIndex(2, DistanceMetric.L2), parallelism: 1);
        records.Put([Record("changed", 1, "old"), Record("moved", 2, "old"), Record("deleted", 3, "old")]);
        using var earlier = records.Enter();
        records.Put([Record("changed", 1, "new"), Record("moved", 20, "new")]);
        records.Delete(["deleted"]);

        var (snapshot, cells, _) = records.Capture();
        var path = Path.Combine(folder.Path, "index");
        using (snapshot)
            snapshot.WriteTo(path, Cancel);

        var captured = cells.Select(static cell => RecordVersion.Next(ref cell)).OfType<VectorRecord>().ToArray();
        captured.Select(static record => record.Id).Order().ShouldBe(["changed", "moved"]);
        captured.ShouldAllBe(static record => record.Metadata!["state"].AsString() == "new");
        using var reopened = FlatIndex.Open(path);
        reopened.Count.ShouldBe(2);
    }

    [Fact]
    public void Search_NeighbourhoodFullOfLaterRecords_FindsTheEarlierOnes()
    {
        using var index = new HnswIndex(new HnswParameters { Dimension = 2, Metric = DistanceMetric.L2 });
        using var records = new StoredRecords(index, parallelism: 1);
        records.Put([.. Enumerable.Range(0, 1_000).Select(i => Record($"early-{i}", 100 + i, "early"))]);
        using var earlier = records.Enter();
        records.Put([.. Enumerable.Range(0, 200).Select(i => Record($"late-{i}", i * 0.001f, "late"))]);

        var found = new Neighbor[5];
        var count = index.Search([0, 0], 10, found, default(SlotFilter).At(earlier.Version));

        found.Take(count).Select(neighbor => records.Index.CopyVector(neighbor.Slot)[0]).ShouldBe([100, 101, 102, 103, 104]);
    }

    private static string[] Selected(StoredRecords records, string state, long version)
    {
        using var slots = records.Select(VectorFilter.Eq("state", state), version, Cancel);
        var ids = new List<string>();
        slots.ForEach(slot =>
        {
            if (records.Index.Contains(slot, version))
                ids.Add(records.Table.Read(slot, version)!.Id);
        });
        return [.. ids.Order(StringComparer.Ordinal)];
    }

    private static float[] Found(StoredRecords records, long version)
    {
        var found = new Neighbor[10];
        var count = records.Index.Search([0, 0], 10, found, default(SlotFilter).At(version));
        return [.. found.Take(count).Select(neighbor => records.Index.CopyVector(neighbor.Slot)[0])];
    }

    private static VectorRecord Record(string id, float x, string state) =>
        new(id, new[] { x, 0 }) { Metadata = new() { ["state"] = state } };
}
