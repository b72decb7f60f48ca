using Data.Benchmarks.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

public sealed class CodeCalibratorTests : IDisposable
{
    private const int Dimension = 16, Coarse = 2_500, Fine = 4_000;

    private static readonly float[] CoarseRows = new VectorData("lat", Dimension, seed: 31).Base(Coarse);

    private static readonly float[] FineRows = [.. new VectorData("lat", Dimension, seed: 32).Base(Fine).Select(x => x * 1e-3f)];

    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("lat", DistanceMetric.L2)]
    [InlineData("lat", DistanceMetric.Cosine)]
    [InlineData("lat", DistanceMetric.InnerProduct)]
    [InlineData("iso", DistanceMetric.L2)]
    public void Add_OrdinaryData_CodesNeverFail(string kind, DistanceMetric metric)
    {
        using var index = GraphBuilder.Empty(48, metric);
        Add(index, new VectorData(kind, 48, seed: 33).Base(6_000));
        index.WalksCodes.ShouldBeTrue();
        index.CodeFailures.ShouldBe(0);
        index.Relinking.ShouldBe(0);
    }

    [Fact]
    public void Prepare_NotPublishedYet_CountsForCalibrationOnce()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        index.Publish([.. Enumerable.Range(0, 200).Select(i => index.Prepare(CoarseRows.AsSpan(i * Dimension, Dimension)))], []);
        index.Prepare(CoarseRows.AsSpan(200 * Dimension, Dimension));
        index.WalksCodes.ShouldBeFalse();
        for (var i = 201; i < 256; i++)
            index.Prepare(CoarseRows.AsSpan(i * Dimension, Dimension));
        index.Count.ShouldBe(200);
        index.WalksCodes.ShouldBeTrue();
    }

    [Fact]
    public async Task Add_LaterDataAThousandfoldFiner_GivesUpCodesAndLinksAnewWhatTheyLinked()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        var relinked = new List<int>();
        index.CodesFailed = relinked.Add;
        Add(index, CoarseRows);
        index.WalksCodes.ShouldBeTrue();
        Add(index, FineRows);
        await RelinkedAsync(index);
        index.WalksCodes.ShouldBeFalse();
        index.CodeFailures.ShouldBe(1);
        // Noticed soon: a window is 256 vectors.
        relinked.ShouldHaveSingleItem().ShouldBeInRange(256, 1_024);
        RecallMeter.Measure(index, FineRows[..(200 * Dimension)], k: 10, efSearch: 100).ShouldBeGreaterThan(0.98);
        RecallMeter.Measure(index, FineRows[^(200 * Dimension)..], k: 10, efSearch: 100).ShouldBeGreaterThan(0.98);
    }

    [Fact]
    public async Task Add_FinerDataInPlaceOfTheOthers_FindsCodesThatFit()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        Add(index, CoarseRows);
        for (var slot = 0; slot < Coarse; slot++)
            index.Delete(slot);
        Add(index, FineRows);
        await RelinkedAsync(index);
        index.WalksCodes.ShouldBeTrue();
        index.CodeFailures.ShouldBeGreaterThan(0);
        RecallMeter.Measure(index, FineRows[..(200 * Dimension)], k: 10, efSearch: 100).ShouldBeGreaterThan(0.98);
    }

    [Fact]
    public async Task VerifyCodes_UnfitAndNotNoticed_ReplacesThemAndLinksAllAnew()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        Add(index, CoarseRows[..(300 * Dimension)]);
        for (var slot = 0; slot < 300; slot++)
            index.Delete(slot);
        // Fewer than a window.
        Add(index, FineRows[..(200 * Dimension)]);
        index.CodeFailures.ShouldBe(0);
        index.VerifyCodes();
        index.CodeFailures.ShouldBe(1);
        index.WalksCodes.ShouldBeTrue();
        await RelinkedAsync(index);
        RecallMeter.Measure(index, FineRows[..(200 * Dimension)], k: 10, efSearch: 50).ShouldBeGreaterThan(0.98);
        index.VerifyCodes();
        index.CodeFailures.ShouldBe(1);
    }

    [Fact]
    public async Task Add_MixedScalesBecomeOneAgain_ReturnsToCodes()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        Add(index, CoarseRows);
        Add(index, FineRows);
        index.WalksCodes.ShouldBeFalse();
        for (var slot = 0; slot < Coarse; slot++)
            index.Delete(slot);
        // As many replacements as there are vectors.
        for (var i = 0; i < Fine; i++)
        {
            index.Delete(Coarse + i);
            index.Add(FineRows.AsSpan(i * Dimension, Dimension));
        }

        index.WalksCodes.ShouldBeTrue();
        await RelinkedAsync(index);
        RecallMeter.Measure(index, FineRows[..(200 * Dimension)], k: 10, efSearch: 100).ShouldBeGreaterThan(0.97);
    }

    [Fact]
    public async Task Search_WhileNodesAreLinkedAnew_ReturnsAsManyAsWanted()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        Add(index, CoarseRows);
        using var end = new CancellationTokenSource();
        var searching = Task.Run(() =>
        {
            var (searches, found) = (0, new Neighbor[10]);
            for (; !end.IsCancellationRequested; searches++)
            {
                var query = (searches % 2 == 0 ? CoarseRows : FineRows).AsSpan(searches % Coarse * Dimension, Dimension);
                index.Search(query, 50, found).ShouldBe(10);
                found.ShouldBe(found.Order());
            }

            return searches;
        }, Cancel);
        index.AddRange(FineRows, new int[Fine], parallelism: 2);
        await RelinkedAsync(index);
        await end.CancelAsync();
        (await searching).ShouldBeGreaterThan(0);
        index.CodeFailures.ShouldBeGreaterThan(0);
        RecallMeter.Measure(index, FineRows[..(200 * Dimension)], k: 10, efSearch: 100).ShouldBeGreaterThan(0.98);
    }

    [Fact]
    public async Task Open_SnapshotTakenWhileNodesWereLinkedAnew_GoesOnWithThem()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        var captured = 0;
        index.CodesFailed = _ =>
        {
            // Called when the first of some hundred nodes is being linked.
            using var snapshot = index.BeginSnapshot();
            File.Delete(_file);
            snapshot.WriteTo(_file, Cancel);
            captured = index.Count;
        };
        Add(index, CoarseRows);
        Add(index, FineRows);
        captured.ShouldBeGreaterThan(Coarse);
        using var opened = HnswIndex.Open(_file);
        opened.Relinking.ShouldBeGreaterThan(0);
        await RelinkedAsync(opened);
        RecallMeter.Measure(opened, FineRows[..(200 * Dimension)], k: 10, efSearch: 100).ShouldBeGreaterThan(0.98);
    }

    [Fact]
    public void Dispose_WhileNodesAreLinkedAnew_EndsIt()
    {
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        index.CodesFailed = _ => index.Dispose();
        Should.Throw<ObjectDisposedException>(() =>
        {
            Add(index, CoarseRows);
            Add(index, FineRows);
        });
        index.Relinking.ShouldBeGreaterThan(0);
    }

    private static async Task RelinkedAsync(HnswIndex index)
    {
        while (index.Relinking > 0)
            await Task.Delay(5, Cancel);
    }

    // In order, by one thread: what comes later is finer.
    private static void Add(HnswIndex index, float[] rows)
    {
        for (var i = 0; i < rows.Length; i += index.Dimension)
            index.Add(rows.AsSpan(i, index.Dimension));
    }
}
