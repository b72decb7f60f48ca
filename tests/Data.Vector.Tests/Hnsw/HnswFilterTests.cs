using Data.Benchmarks.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

public sealed class HnswFilterTests
{
    private const int Rows = 12_000, Dimension = 32;

    private static readonly VectorData Data = new("lat", Dimension, seed: 21);
    private static readonly Lazy<(HnswIndex Index, float[] Base)> Shared = new(() =>
    {
        var rows = Data.Base(Rows);
        return (GraphBuilder.Build(rows, Dimension, DistanceMetric.L2), rows);
    });

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    [InlineData(0.001)]
    public void Search_RandomFilter_ReachesRecallAndReturnsOnlyWhatItAllows(double share)
    {
        var words = Choose(_ => true, share);
        Recall(Shared.Value.Index, words, k: 10, efSearch: 100).ShouldBeGreaterThanOrEqualTo(0.98);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.2)]
    [InlineData(0.02)]
    public void Search_FilterThatGoesWithThePlace_ReachesRecall(double share)
    {
        // The vectors that pass lie on one side: queries of the other side have no neighbour that passes.
        var rows = Shared.Value.Base;
        var sorted = Enumerable.Range(0, Rows).Select(i => rows[i * Dimension]).Order().ToArray();
        var border = sorted[(int)(Rows * share)];
        var words = Choose(slot => rows[slot * Dimension] < border, 1);
        Recall(Shared.Value.Index, words, k: 10, efSearch: 50).ShouldBeGreaterThanOrEqualTo(0.97);
    }

    [Fact]
    public void Search_FilterAllowsFewerThanWanted_ReturnsAllOfThem()
    {
        var words = new ulong[(Rows / 64) + 1];
        words[3] = 0b1011;
        var found = new Neighbor[10];
        var count = Shared.Value.Index.Search(Data.Queries(1), 100, found, new SlotFilter(words));
        found.Take(count).Select(f => f.Slot).Order().ShouldBe([192, 193, 195]);
    }

    [Fact]
    public void Search_FilterAllowsNothing_FindsNothing() =>
        Shared.Value.Index.Search(Data.Queries(1), 100, new Neighbor[10], new SlotFilter(new ulong[10])).ShouldBe(0);

    [Theory]
    [InlineData(5)]
    [InlineData(500)]
    [InlineData(6_000)]
    public void SearchRange_RadiusAroundManyOrFew_FindsNearlyAllAndNothingBeyond(int inside)
    {
        var index = Shared.Value.Index;
        var queries = Data.Queries(20);
        int hits = 0, wanted = 0;
        for (var i = 0; i < 20; i++)
        {
            var query = queries.AsSpan(i * Dimension, Dimension);
            var nearest = new Neighbor[inside + 1];
            index.ScanExact(query, nearest);
            var radius = nearest[inside].Distance;
            var found = new List<Neighbor> { new(-1, 0) };
            index.SearchRange(query, radius, 100, found);
            found[0].Slot.ShouldBe(-1);
            found.RemoveAt(0);
            found.ShouldAllBe(f => f.Distance < radius);
            found.ShouldBe(found.Order().Distinct());
            hits += found.Count;
            wanted += inside;
        }

        ((double)hits / wanted).ShouldBeInRange(0.97, 1);
    }

    private static ulong[] Choose(Func<int, bool> passes, double share)
    {
        var random = new Random(4);
        var words = new ulong[(Rows + 63) / 64];
        for (var slot = 0; slot < Rows; slot++)
        {
            if (passes(slot) && random.NextDouble() < share)
                words[slot >> 6] |= 1ul << slot;
        }

        return words;
    }

    private static double Recall(HnswIndex index, ulong[] words, int k, int efSearch)
    {
        var queries = Data.Queries(100);
        var found = new Neighbor[k];
        var exact = new Neighbor[k];
        double hits = 0, wanted = 0;
        for (var i = 0; i < queries.Length; i += Dimension)
        {
            var filter = new SlotFilter(words);
            var query = queries.AsSpan(i, Dimension);
            var count = index.Search(query, efSearch, found, filter);
            foreach (var neighbor in found.AsSpan(0, count))
                filter.Allows(neighbor.Slot).ShouldBeTrue();
            var exactCount = index.ScanExact(query, exact, filter);
            count.ShouldBe(exactCount);
            wanted += exactCount;
            hits += found.Take(count).Count(f => f.Distance <= exact[exactCount - 1].Distance);
        }

        return hits / wanted;
    }
}
