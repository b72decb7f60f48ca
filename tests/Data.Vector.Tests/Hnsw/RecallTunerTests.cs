using Data.Benchmarks.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

public sealed class RecallTunerTests
{
    private static readonly VectorData Data = new("lat", 48, seed: 61);
    private static readonly Lazy<HnswIndex> Shared = new(() => GraphBuilder.Build(Data.Base(6_000), 48, DistanceMetric.L2));

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.98)]
    public void Tune_Reachable_ChoosesAPoolThatReachesItOnOtherQueries(double target)
    {
        var report = RecallTuner.Tune(Shared.Value, target);
        report.Reached.ShouldBeTrue();
        report.Recall.ShouldBeGreaterThanOrEqualTo(target);
        RecallMeter.Measure(Shared.Value, Data.Queries(300), k: 10, report.EfSearch).ShouldBeGreaterThan(target - 0.03);
        report.Curve.Select(p => p.EfSearch).ShouldBeInOrder();
        report.Curve.ShouldContain(new RecallPoint(report.EfSearch, report.Recall));
        report.Curve.Where(p => p.EfSearch < report.EfSearch).ShouldAllBe(p => p.Recall < target);
    }

    [Fact]
    public void Tune_EmptyIndex_TakesTheSmallestPool()
    {
        using var index = GraphBuilder.Empty(4, DistanceMetric.L2);
        RecallTuner.Tune(index, 0.9).EfSearch.ShouldBe(10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Tune_ImpossibleRecall_IsRefused(double target) =>
        Should.Throw<ArgumentOutOfRangeException>(() => RecallTuner.Tune(Shared.Value, target));
}
