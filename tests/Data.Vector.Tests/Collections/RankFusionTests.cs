using Data.Vector.Collections;

namespace Data.Vector.Tests.Collections;

public sealed class RankFusionTests
{
    [Fact]
    public void ReciprocalRank_Default_SumsTheReciprocalsOfSixtyPlusRank()
    {
        var fused = Fuse(HybridFusion.ReciprocalRank(), [("a", 0.9f), ("b", 0.8f), ("c", 0.7f)], [("b", 5), ("d", 4)]);

        fused.Select(rank => rank.Id).ShouldBe(["b", "a", "d", "c"]);
        fused[0].Score.ShouldBe((1d / 62) + (1d / 61), 1e-15);
        fused[1].Score.ShouldBe(1d / 61, 1e-15);
        fused[2].Score.ShouldBe(1d / 62, 1e-15);
        (fused[0].VectorRank, fused[0].TextRank).ShouldBe((2, 1));
        (fused[1].VectorRank, fused[1].TextRank).ShouldBe((1, 0));
        (fused[2].VectorRank, fused[2].TextRank).ShouldBe((0, 2));
    }

    [Fact]
    public void Weighted_Scores_AreScaledBetweenFirstAndLastOfEachPart()
    {
        var fused = Fuse(HybridFusion.Weighted(0.25f), [("a", 0.9f), ("b", 0.5f), ("c", 0.1f)], [("c", 30), ("b", 20), ("d", 10)]);

        fused.Select(rank => rank.Id).ShouldBe(["c", "b", "a", "d"]);
        fused[0].Score.ShouldBe(0.75, 1e-6);
        fused[1].Score.ShouldBe((0.25 * 0.5) + (0.75 * 0.5), 1e-6);
        fused[2].Score.ShouldBe(0.25, 1e-6);
        fused[3].Score.ShouldBe(0);
    }

    [Fact]
    public void Weighted_PartWithOneScore_CountsAsOne()
    {
        var fused = Fuse(HybridFusion.Weighted(0.5f), [("b", 0.5f), ("a", 0.5f)], [("c", 3)]);

        fused.Select(rank => (rank.Id, rank.Score)).ShouldBe([("a", 0.5), ("b", 0.5), ("c", 0.5)]);
    }

    [Fact]
    public void Fuse_RandomRankings_EqualsTheOracle()
    {
        var random = new Random(5);
        for (var round = 0; round < 500; round++)
        {
            var vector = Ranking(random);
            var text = Ranking(random);
            var k = random.Next(1, 100);
            var weight = (float)random.NextDouble();
            Compare(Fuse(HybridFusion.ReciprocalRank(k), vector, text), vector, text, (list, i) => 1d / (k + i + 1), 1, 1);
            Compare(
                Fuse(HybridFusion.Weighted(weight), vector, text),
                vector,
                text,
                (list, i) => list[0].Score > list[^1].Score
                    ? (list[i].Score - (double)list[^1].Score) / (list[0].Score - (double)list[^1].Score)
                    : 1,
                weight,
                1d - weight);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public void ReciprocalRank_ConstantOutOfRange_IsRejected(int k) =>
        Should.Throw<VectorInputException>(() => HybridFusion.ReciprocalRank(k)).Message.ShouldContain("from 1 to 10000");

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void Weighted_WeightOutOfRange_IsRejected(float weight) =>
        Should.Throw<VectorInputException>(() => HybridFusion.Weighted(weight)).Message.ShouldContain("from 0 to 1");

    private static void Compare(
        FusedRank[] fused,
        List<(string Id, float Score)> vector,
        List<(string Id, float Score)> text,
        Func<List<(string Id, float Score)>, int, double> part,
        double vectorWeight,
        double textWeight)
    {
        var scores = new Dictionary<string, double>();
        for (var i = 0; i < vector.Count; i++)
            scores[vector[i].Id] = vectorWeight * part(vector, i);

        for (var i = 0; i < text.Count; i++)
            scores[text[i].Id] = scores.GetValueOrDefault(text[i].Id) + (textWeight * part(text, i));

        fused.Length.ShouldBe(scores.Count);
        for (var i = 0; i < fused.Length; i++)
        {
            fused[i].Score.ShouldBe(scores[fused[i].Id], 1e-6);
            fused[i].VectorRank.ShouldBe(vector.FindIndex(entry => entry.Id == fused[i].Id) + 1);
            fused[i].TextRank.ShouldBe(text.FindIndex(entry => entry.Id == fused[i].Id) + 1);
            if (i > 0)
            {
                (fused[i - 1].Score > fused[i].Score
                    || (fused[i - 1].Score == fused[i].Score && string.CompareOrdinal(fused[i - 1].Id, fused[i].Id) < 0)).ShouldBeTrue();
            }
        }
    }

    private static List<(string Id, float Score)> Ranking(Random random) =>
    [
        .. Enumerable.Range(0, 30).OrderBy(_ => random.Next()).Take(random.Next(30))
            .Select(id => (Id: $"r{id}", Score: (float)random.Next(10)))
            .OrderByDescending(entry => entry.Score).ThenBy(entry => entry.Id, StringComparer.Ordinal),
    ];

    private static FusedRank[] Fuse(HybridFusion fusion, List<(string Id, float Score)> vector, List<(string Id, float Score)> text)
    {
        VectorMatch[] byVector = [.. vector.Select(entry => new VectorMatch(Record(entry.Id), 1 - entry.Score, entry.Score, true, null))];
        TextMatch[] byText = [.. text.Select(entry => new TextMatch(Record(entry.Id), entry.Score))];
        var fused = new FusedRank[byVector.Length + byText.Length];
        return fused[..RankFusion.Fuse(fusion, byVector, byText, fused)];
    }

    private static VectorRecord Record(string id) => new(id, default(ReadOnlyMemory<float>));
}
