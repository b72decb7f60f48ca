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
        var report = RecallTuner.Tune(Shared.Value, new() { TargetRecall = target }, parallelism: 2);
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
        RecallTuner.Tune(index, new() { TargetRecall = 0.9 }).EfSearch.ShouldBe(10);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 10)]
    [InlineData(11, 11)]
    [InlineData(37, 37)]
    [InlineData(4_096, 4_096)]
    public void Find_PoolThatSuffices_IsFoundToASixteenth(int suffices, int least)
    {
        var report = RecallTuner.Find(k: 10, target: 0.9, ef => ef >= suffices ? 0.9 : 0.5);
        report.Reached.ShouldBeTrue();
        report.EfSearch.ShouldBeInRange(least, Math.Max(least, least * 17 / 16));
        report.Recall.ShouldBe(0.9);
    }

    [Fact]
    public void Find_OutOfReach_StopsAtTheLargestPoolAndSaysSo()
    {
        var report = RecallTuner.Find(k: 10, target: 0.9, _ => 0.89);
        report.Reached.ShouldBeFalse();
        (report.EfSearch, report.Recall).ShouldBe((4_096, 0.89));
        report.Curve.Count.ShouldBe(10);
    }
}
