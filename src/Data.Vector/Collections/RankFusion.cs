namespace Data.Vector.Collections;

/// <summary>Makes one ranking of the two that the parts of a hybrid search return.</summary>
internal static class RankFusion
{
    /// <summary>Fuses two rankings.</summary>
    /// <param name="fusion">How.</param>
    /// <param name="byVector">The records nearest to the vector, the nearest first.</param>
    /// <param name="byText">The records that fit the words best, the best first.</param>
    /// <param name="fused">Receives the ranking, the best first, equal scores in ordinal order of their ids; as long as both.</param>
    /// <returns>The number of records.</returns>
    public static int Fuse(
        HybridFusion fusion, ReadOnlySpan<VectorMatch> byVector, ReadOnlySpan<TextMatch> byText, Span<FusedRank> fused)
    {
        for (var i = 0; i < byVector.Length; i++)
            fused[i] = new FusedRank(byVector[i].Id, i + 1, 0, 0);

        for (var i = 0; i < byText.Length; i++)
            fused[byVector.Length + i] = new FusedRank(byText[i].Record.Id, 0, i + 1, 0);

        fused = fused[..(byVector.Length + byText.Length)];
        fused.Sort(static (left, right) => string.CompareOrdinal(left.Id, right.Id));
        var count = 0;
        for (var i = 0; i < fused.Length; i++)
        {
            var one = fused[i];
            if (i + 1 < fused.Length && fused[i + 1].Id == one.Id)
            {
                // One of the two ranks is zero in each.
                var other = fused[++i];
                one = one with { VectorRank = one.VectorRank + other.VectorRank, TextRank = one.TextRank + other.TextRank };
            }

            fused[count++] = one with { Score = Score(fusion, one, byVector, byText) };
        }

        fused[..count].Sort(static (left, right) => right.Score.CompareTo(left.Score) is var order and not 0
            ? order
            : string.CompareOrdinal(left.Id, right.Id));
        return count;
    }

    /// <summary>Returns the match for a place in the ranking.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="rank">The place.</param>
    /// <param name="byVector">The records nearest to the vector.</param>
    /// <param name="byText">The records that fit the words best.</param>
    /// <param name="vector">The vector, when the plan includes vectors.</param>
    public static HybridMatch Match(
        in HybridPlan plan,
        in FusedRank rank,
        ReadOnlySpan<VectorMatch> byVector,
        ReadOnlySpan<TextMatch> byText,
        ReadOnlyMemory<float> vector)
    {
        var record = rank.TextRank > 0 ? byText[rank.TextRank - 1].Record : byVector[rank.VectorRank - 1].Record;
        return new HybridMatch(record, plan.IncludeDocuments, vector)
        {
            Score = rank.Score,
            VectorRank = rank.VectorRank > 0 ? rank.VectorRank : null,
            Distance = rank.VectorRank > 0 ? byVector[rank.VectorRank - 1].Distance : null,
            Similarity = rank.VectorRank > 0 ? byVector[rank.VectorRank - 1].Similarity : null,
            TextRank = rank.TextRank > 0 ? rank.TextRank : null,
            TextScore = rank.TextRank > 0 ? byText[rank.TextRank - 1].Score : null,
        };
    }

    private static double Score(
        HybridFusion fusion, in FusedRank rank, ReadOnlySpan<VectorMatch> byVector, ReadOnlySpan<TextMatch> byText)
    {
        var (vector, text) = (0d, 0d);
        if (rank.VectorRank > 0)
        {
            vector = fusion.IsByRank
                ? 1d / (fusion.RankConstant + rank.VectorRank)
                : fusion.VectorWeight * Scaled(byVector[rank.VectorRank - 1].Similarity, byVector[^1].Similarity, byVector[0].Similarity);
        }

        if (rank.TextRank > 0)
        {
            text = fusion.IsByRank
                ? 1d / (fusion.RankConstant + rank.TextRank)
                : (1d - fusion.VectorWeight) * Scaled(byText[rank.TextRank - 1].Score, byText[^1].Score, byText[0].Score);
        }

        return vector + text;
    }

    private static double Scaled(double value, double low, double high) => high > low ? (value - low) / (high - low) : 1;
}
