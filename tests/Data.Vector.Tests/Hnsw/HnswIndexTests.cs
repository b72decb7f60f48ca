using Data.Benchmarks.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

public sealed class HnswIndexTests
{
    [Theory]
    [InlineData("lat", DistanceMetric.L2, QuantizationMode.Codes)]
    [InlineData("lat", DistanceMetric.Cosine, QuantizationMode.Codes)]
    [InlineData("lat", DistanceMetric.InnerProduct, QuantizationMode.Codes)]
    [InlineData("iso", DistanceMetric.L2, QuantizationMode.Codes)]
    [InlineData("lat", DistanceMetric.L2, QuantizationMode.None)]
    [InlineData("lat", DistanceMetric.Cosine, QuantizationMode.None)]
    [InlineData("lat", DistanceMetric.InnerProduct, QuantizationMode.None)]
    public void Search_GeneratedData_ReachesRecall(string kind, DistanceMetric metric, QuantizationMode mode)
    {
        var data = new VectorData(kind, 64, seed: 7);
        using var index = GraphBuilder.Build(data.Base(5_000), 64, metric, mode);
        RecallMeter.Measure(index, data.Queries(100), k: 10, efSearch: 100)
            .ShouldBeGreaterThan(metric == DistanceMetric.InnerProduct ? 0.95 : 0.98);
    }

    [Fact]
    public void Search_CosineOfVectorsOfDifferentLengths_GraphIsAsGoodAsThatOfNormalisedOnes()
    {
        const int dimension = 48;
        var data = new VectorData("lat", dimension, seed: 12);
        var rows = data.Base(6_000);
        var scaled = rows.Select((x, i) => x * (1 + (i / dimension % 7))).ToArray();
        var normalised = rows.Chunk(dimension).SelectMany(row => row.Select(x => x / MathF.Sqrt(row.Sum(y => y * y)))).ToArray();
        using var one = GraphBuilder.Build(normalised, dimension, DistanceMetric.Cosine, QuantizationMode.None);
        using var other = GraphBuilder.Build(scaled, dimension, DistanceMetric.Cosine, QuantizationMode.None);
        var expected = RecallMeter.Measure(one, data.Queries(300), k: 10, efSearch: 15);
        RecallMeter.Measure(other, data.Queries(300), k: 10, efSearch: 15).ShouldBeGreaterThan(expected - 0.02);
    }

    [Fact]
    public void Search_UnnormalisedVectorsOfVeryDifferentLengths_RecallDoesNotCap()
    {
        var data = new VectorData("lat", 32, seed: 3);
        var rows = data.Base(5_000);
        // Hard for any graph: the thousand short vectors are all about equally far from a long one, and a fifth of its neighbours are
        // among them. Recall must still rise with the pool; the codes are too coarse here, so calibration rejects them.
        for (var i = 0; i < rows.Length; i++)
            rows[i] *= MathF.Pow(10, (i / 32 % 5) - 2);
        using var index = GraphBuilder.Build(rows, 32, DistanceMetric.L2);
        RecallMeter.Measure(index, rows[..3_200], k: 10, efSearch: 200).ShouldBeGreaterThan(0.95);
    }

    [Theory]
    [InlineData(QuantizationMode.Codes, 0.98)]
    [InlineData(QuantizationMode.None, 0.99)]
    public void Search_NearDuplicates_FindsNearlyEveryFamily(QuantizationMode mode, double least)
    {
        // A family has more members than a list has links, and some have none on an upper level: with lists selected by distance only, each
        // family links to itself only, and those families are unreachable. Codes distinguish few members of a family, and which ones are
        // equal changes at each calibration, at 256 and 2,048 rows.
        const int families = 200, members = 40;
        var originals = new VectorData("lat", 32, seed: 5).Base(families);
        var random = new Random(1);
        var rows = new float[families * members * 32];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = originals[(i / 32 % families * 32) + (i % 32)] + (random.NextSingle() * 1e-3f);
        using var index = GraphBuilder.Build(rows, 32, DistanceMetric.L2, mode);
        RecallMeter.Measure(index, originals, k: 10, efSearch: 100).ShouldBeGreaterThan(least);
    }

    [Theory]
    [InlineData(QuantizationMode.Codes)]
    [InlineData(QuantizationMode.None)]
    public void Search_InsertedSortedByCluster_RecallIsThatOfAnyOrder(QuantizationMode mode)
    {
        const int count = 5_000, pivots = 100;
        var data = new VectorData("lat", 32, seed: 6);
        var rows = data.Base(count);
        var sorted = Enumerable.Range(0, count).OrderBy(i => Cluster(rows, i)).SelectMany(i => rows[(i * 32)..((i + 1) * 32)]).ToArray();
        using var index = GraphBuilder.Build(sorted, 32, DistanceMetric.L2, mode);
        using var shuffled = GraphBuilder.Build(rows, 32, DistanceMetric.L2, mode);
        foreach (var ef in new[] { 20, 100 })
        {
            var expected = RecallMeter.Measure(shuffled, data.Queries(200), k: 10, ef);
            RecallMeter.Measure(index, data.Queries(200), k: 10, ef).ShouldBeGreaterThan(expected - 0.03, $"ef {ef}");
        }

        // Clusters are those around the first hundred vectors; calibration sees the first one or two clusters only.
        static int Cluster(float[] rows, int row) => Enumerable.Range(0, pivots)
            .MinBy(p => Enumerable.Range(0, 32).Sum(d => MathF.Pow(rows[(row * 32) + d] - rows[(p * 32) + d], 2)));
    }

    [Theory]
    [InlineData(DistanceMetric.L2)]
    [InlineData(DistanceMetric.Cosine)]
    [InlineData(DistanceMetric.InnerProduct)]
    public void Search_AllVectorsEqual_ReturnsAsManyAsWanted(DistanceMetric metric)
    {
        var rows = new float[2_000 * 16];
        Array.Fill(rows, 0.5f);
        using var index = GraphBuilder.Build(rows, 16, metric);
        var found = new Neighbor[50];
        index.Search(rows.AsSpan(0, 16), 50, found).ShouldBe(50);
        found.Select(f => f.Slot).Distinct().Count().ShouldBe(50);
    }

    [Theory]
    [InlineData(QuantizationMode.Codes)]
    [InlineData(QuantizationMode.None)]
    public void Search_EqualVectorsAmongOthers_FindsAllOfThem(QuantizationMode mode)
    {
        const int others = 12_000, equals = 200, dimension = 8;
        var rows = new VectorData("lat", dimension, seed: 11).Base(others);
        using var index = GraphBuilder.Empty(dimension, DistanceMetric.L2, mode);
        var twin = rows[..dimension];
        for (var i = 0; i < others; i++)
        {
            index.Add(rows.AsSpan(i * dimension, dimension));
            if (i > 0 && i % (others / equals) == 0)
                index.Add(twin);
        }

        var found = new Neighbor[equals];
        index.Search(twin, 250, found).ShouldBe(equals);
        found.Count(f => f.Distance == 0).ShouldBe(equals);
    }

    [Fact]
    public void Search_EmptyIndex_FindsNothing()
    {
        using var index = new HnswIndex(new HnswParameters { Dimension = 4 });
        index.Search([1, 2, 3, 4], 10, new Neighbor[5]).ShouldBe(0);
    }

    [Fact]
    public void Search_WrongDimension_SaysWhichIsRight()
    {
        using var index = new HnswIndex(new HnswParameters { Dimension = 4 });
        Should.Throw<ArgumentException>(() => index.Search([1, 2], 10, new Neighbor[5])).Message.ShouldContain("4");
    }

    [Fact]
    public void Add_EveryVector_IsFoundByItselfAtOnce()
    {
        var rows = new VectorData("lat", 16, seed: 8).Base(3_000);
        using var index = new HnswIndex(new HnswParameters { Dimension = 16, Metric = DistanceMetric.L2 });
        var found = new Neighbor[1];
        for (var i = 0; i < 3_000; i++)
        {
            var slot = index.Add(rows.AsSpan(i * 16, 16));
            index.Search(rows.AsSpan(i * 16, 16), 50, found).ShouldBe(1);
            found[0].ShouldBe(new Neighbor(slot, 0));
        }
    }

    [Fact]
    public void GetVector_Cosine_ReturnsTheBitsThatWereAdded()
    {
        float[] vector = [3, -4, 12.5f, 1e-3f];
        using var index = new HnswIndex(new HnswParameters { Dimension = 4, Metric = DistanceMetric.Cosine });
        using var pin = index.Pin();
        index.GetVector(index.Add(vector)).ToArray().ShouldBe(vector);
    }

    [Fact]
    public void MemoryBytes_128Dimensions_StaysBelow800BytesAVector()
    {
        using var index = GraphBuilder.Build(new VectorData("lat", 128, seed: 10).Base(3_000), 128, DistanceMetric.Cosine);
        (index.MemoryBytes(out var mapped) / 3_000.0).ShouldBeInRange(700, 800);
        mapped.ShouldBe(0);
    }
}
