using Data.Vector.Hnsw;

namespace Data.Vector.Tests.Hnsw;

public sealed class CodeFitnessTests
{
    [Fact]
    public void Share_SameOrder_IsWhole() => CodeFitness.Share(Entries(200, i => i), Entries(200, i => i)).ShouldBe(1);

    [Fact]
    public void Share_AllCodesEqual_IsNothing() => CodeFitness.Share(Entries(200, i => i), Entries(200, _ => 5)).ShouldBe(0);

    [Theory]
    [InlineData(40, 1)]
    [InlineData(45, 0.5)]
    [InlineData(50, 0)]
    public void Share_NeighboursFartherDownByCodes_CountsThoseAmongTheFirstFifty(int down, double share) =>
        CodeFitness.Share(Entries(200, i => i), Entries(200, i => i < 10 ? (20 * down) + i : (20 * (i - 10)) + 15)).ShouldBe(share);

    [Fact]
    public void Share_CodesTieWithTheFirstLeftOut_CountAsMissed() =>
        CodeFitness.Share(Entries(200, i => i), Entries(200, i => i < 5 ? 0 : 1)).ShouldBe(0.5);

    [Fact]
    public void Share_FloatsTieAcrossTheEnd_AnyOfThemIsFound() =>
        CodeFitness.Share(Entries(200, i => i < 5 ? 0 : 1), Entries(200, i => i < 5 ? 0 : 1)).ShouldBe(1);

    [Fact]
    public void Share_FewCandidates_IsNotJudged() => CodeFitness.Share(Entries(50, i => i), Entries(50, _ => 5)).ShouldBe(1);

    private static ulong[] Entries(int count, Func<int, int> key) =>
        [.. Enumerable.Range(0, count).Select(i => CandidatePool.Entry((uint)key(i), i)).Order()];
}
