using Data.Benchmarks.Vector;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

public sealed class HnswDeleteTests
{
    private const int Dimension = 32;

    [Theory]
    [InlineData(DistanceMetric.L2, QuantizationMode.Codes)]
    [InlineData(DistanceMetric.Cosine, QuantizationMode.Codes)]
    [InlineData(DistanceMetric.L2, QuantizationMode.None)]
    public void Delete_HalfReplacedByOtherData_RecallStaysThatOfAFreshBuild(DistanceMetric metric, QuantizationMode mode)
    {
        const int rows = 4_000;
        var data = new VectorData("lat", Dimension, seed: 31);
        var all = data.Base(rows * 3 / 2);
        using var churned = GraphBuilder.Build(all[..(rows * Dimension)], Dimension, metric, mode);
        for (var i = 0; i < rows / 2; i++)
        {
            churned.Delete(i).ShouldBeTrue();
            churned.Add(all.AsSpan((rows + i) * Dimension, Dimension));
        }

        using var fresh = GraphBuilder.Build(all[(rows / 2 * Dimension)..], Dimension, metric, mode);
        churned.Count.ShouldBe(fresh.Count);
        var queries = data.Queries(400);
        foreach (var ef in new[] { 10, 40 })
        {
            var expected = RecallMeter.Measure(fresh, queries, k: 10, ef);
            RecallMeter.Measure(churned, queries, k: 10, ef).ShouldBeGreaterThanOrEqualTo(expected - 0.005, $"ef {ef}");
        }

        churned.SlotLimit.ShouldBeLessThan(rows * 5 / 4, "slots are reused");
    }

    [Fact]
    public void Search_NeighbourhoodDeletedWhole_StillReturnsAsManyAsWanted()
    {
        var data = new VectorData("lat", Dimension, seed: 32);
        using var index = GraphBuilder.Build(data.Base(3_000), Dimension, DistanceMetric.L2);
        var query = data.Queries(1);
        var nearest = new Neighbor[250];
        var found = new Neighbor[10];
        var hits = 0;
        for (var round = 0; round < 11; round++)
        {
            var count = index.ScanExact(query, nearest);
            for (var i = 0; i < count; i++)
                index.Delete(nearest[i].Slot).ShouldBeTrue();
            index.Search(query, 50, found).ShouldBe(10);
            index.ScanExact(query, nearest.AsSpan(0, 10));
            hits += found.Intersect(nearest.Take(10)).Count();
        }

        hits.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Delete_AllThenAddOthers_FindsEachOfThem()
    {
        var data = new VectorData("lat", Dimension, seed: 33);
        var rows = data.Base(4_000);
        using var index = GraphBuilder.Build(rows[..(2_000 * Dimension)], Dimension, DistanceMetric.L2);
        for (var slot = 0; slot < 2_000; slot++)
            index.Delete(slot);
        index.Count.ShouldBe(0);
        var found = new Neighbor[1];
        index.Search(rows.AsSpan(0, Dimension), 100, found).ShouldBe(0);
        for (var i = 2_000; i < 4_000; i++)
        {
            var vector = rows.AsSpan(i * Dimension, Dimension);
            var slot = index.Add(vector);
            index.Search(vector, 50, found).ShouldBe(1);
            found[0].ShouldBe(new Neighbor(slot, 0));
        }

        index.SlotLimit.ShouldBeLessThan(3_000);
        RecallMeter.Measure(index, data.Queries(100), k: 10, efSearch: 100).ShouldBeGreaterThan(0.98);
    }

    [Fact]
    public void Delete_EveryOtherOfEqualVectors_ReturnsOnlyTheOthers()
    {
        var rows = new float[1_000 * Dimension];
        Array.Fill(rows, 0.5f);
        using var index = GraphBuilder.Build(rows, Dimension, DistanceMetric.L2);
        for (var slot = 0; slot < 1_000; slot += 2)
            index.Delete(slot);
        var found = new Neighbor[500];
        index.Search(rows.AsSpan(0, Dimension), 500, found).ShouldBe(500);
        found.ShouldAllBe(f => f.Slot % 2 == 1);
        found.Select(f => f.Slot).Distinct().Count().ShouldBe(500);
    }

    [Fact]
    public void Delete_WhilePinned_DoesNotReuseTheSlot()
    {
        var rows = new VectorData("lat", Dimension, seed: 34).Base(3_000);
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        var slots = new int[1_000];
        index.AddRange(rows.AsMemory(0, 1_000 * Dimension), slots, parallelism: 2);
        var before = rows.AsSpan(5 * Dimension, Dimension).ToArray();
        using (index.Pin())
        {
            for (var slot = 0; slot < 900; slot++)
                index.Delete(slot);
            for (var i = 1_000; i < 2_000; i++)
                index.Add(rows.AsSpan(i * Dimension, Dimension)).ShouldBe(i);
            index.GetVector(slots[5]).ToArray().ShouldBe(before);
        }

        for (var i = 2_000; i < 2_500; i++)
            index.Add(rows.AsSpan(i * Dimension, Dimension)).ShouldBeLessThan(1_000);
    }

    [Fact]
    public void Delete_TwiceOrUnknown_SaysNo()
    {
        using var index = GraphBuilder.Build(new VectorData("lat", Dimension, seed: 35).Base(10), Dimension, DistanceMetric.L2);
        index.Delete(3).ShouldBeTrue();
        index.Delete(3).ShouldBeFalse();
        index.Delete(10).ShouldBeFalse();
        index.Delete(-1).ShouldBeFalse();
        index.Contains(3).ShouldBeFalse();
        index.Count.ShouldBe(9);
    }
}
