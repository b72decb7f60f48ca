using System.Reflection;
using Data.Vector.Embedded;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Embedded;

public sealed class ReachabilityCheckTests
{
    private const int Dimensions = 8, Records = 1_000, Replaced = 300, EfSearch = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_RecordThatNoLinkLeadsTo_IsCountedAndLinkedAgain()
    {
        using var index = new HnswIndex(new HnswParameters { Dimension = Dimensions, Metric = DistanceMetric.L2 });
        using var records = new StoredRecords(index, parallelism: 1);
        await using var journal = NullJournal.Instance;
        var gate = new WriteGate();
        var writer = new CollectionWriter("c", records, journal, new SnapshotSchedule(keeper: null, gate, records), gate);
        await writer.AddAsync([.. Enumerable.Range(0, Records).Select(Record)], Cancel);
        var check = new ReachabilityCheck(records, writer, () => EfSearch);
        (await check.RunAsync(Cancel)).ShouldBe(new VectorReachability(Records, 0, 0));
        check.Missing.ShouldBe(0);
        records.Table.TryGetSlot("r7", out var slot).ShouldBeTrue();
        Isolate(index, slot);
        Nearest(index, 7).ShouldNotBe(slot);

        (await check.RunAsync(Cancel)).ShouldBe(new VectorReachability(Records, 1, 1));

        records.Table.TryGetSlot("r7", out var moved).ShouldBeTrue();
        Nearest(index, 7).ShouldBe(moved);
        records.Read("r7", includeVectors: true, includeDocuments: true)!.Metadata!["i"].AsInt64().ShouldBe(7);
        records.Matching(VectorFilter.Eq("i", 7), Cancel).ShouldBe(["r7"]);
        records.Count.ShouldBe(Records);
    }

    [Fact]
    public async Task Consider_AsManyReplacedAsThereAre_ChecksInTheBackground()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", new() { Dimensions = Dimensions, Metric = DistanceMetric.L2 }, Cancel);
        for (var round = 0; round < 4; round++)
            await collection.UpsertAsync([.. Enumerable.Range(0, Replaced).Select(i => Record(i + (round * 1_000), $"r{i}"))], Cancel);

        (await store.GetStatisticsAsync("things", Cancel)).UnreachableRecords.ShouldBeNull();
        for (var round = 4; round < 6; round++)
            await collection.UpsertAsync([.. Enumerable.Range(0, Replaced).Select(i => Record(i + (round * 1_000), $"r{i}"))], Cancel);

        for (var tries = 0; tries < 1_000 && (await store.GetStatisticsAsync("things", Cancel)).UnreachableRecords is null; tries++)
            await Task.Delay(10, Cancel);

        (await store.GetStatisticsAsync("things", Cancel)).UnreachableRecords.ShouldBe(0);
        (await store.VerifyReachabilityAsync("things", Cancel)).Checked.ShouldBe(Replaced);
    }

    private static unsafe void Isolate(HnswIndex index, int slot)
    {
        var graph = (HnswGraph)typeof(HnswIndex).GetField("_graph", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(index)!;
        var view = graph.View();
        for (var from = 0; from < view.Limit; from++)
        {
            for (var level = 0; level <= view.LevelOf(from); level++)
            {
                var links = new Span<int>(view.Links(from, level), view.Width(level));
                int[] kept = [.. links.ToArray().Where(link => link >= 0 && link != slot)];
                links.Fill(GraphView.NoLink);
                kept.CopyTo(links);
            }
        }
    }

    private static int Nearest(HnswIndex index, int i)
    {
        var found = new Neighbor[1];
        return index.Search(Record(i).Vector.Span, EfSearch, found) == 1 ? found[0].Slot : -1;
    }

    private static VectorRecord Record(int i) => Record(i, $"r{i}");

    private static VectorRecord Record(int seed, string id)
    {
        var random = new Random(seed);
        var vector = Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle()).ToArray();
        return new VectorRecord(id, vector) { Metadata = new() { ["i"] = seed } };
    }
}
