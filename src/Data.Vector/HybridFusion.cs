using System.Globalization;

namespace Data.Vector;

/// <summary>How a hybrid search makes one ranking of the one by words and the one by vector.</summary>
/// <remarks>Immutable and safe to share.</remarks>
public sealed class HybridFusion
{
    private HybridFusion(int rankConstant, float vectorWeight)
    {
        RankConstant = rankConstant;
        VectorWeight = vectorWeight;
    }

    /// <summary>The constant k of reciprocal ranks; 0 when scores are weighted.</summary>
    internal int RankConstant { get; }

    /// <summary>The share of the vector part when scores are weighted.</summary>
    internal float VectorWeight { get; }

    internal bool IsByRank => RankConstant > 0;

    internal bool UsesVector => IsByRank || VectorWeight > 0;

    internal bool UsesText => IsByRank || VectorWeight < 1;

    /// <summary>
    /// Scores a record by its ranks: the sum of 1 / (k + rank) over the parts that found it, where the best record has rank 1.
    /// </summary>
    /// <param name="k">The constant. A higher one gives less weight to the first ranks. Default: 60. Range: 1–10,000.</param>
    /// <returns>The fusion.</returns>
    /// <remarks>It needs no knowledge of the scales of distances and text scores, and is the usual choice.</remarks>
    /// <exception cref="VectorInputException"><paramref name="k"/> is out of its range.</exception>
    public static HybridFusion ReciprocalRank(int k = 60) =>
        k is >= 1 and <= 10_000
            ? new HybridFusion(k, 0)
            : throw new VectorInputException($"k is {k.ToString(CultureInfo.InvariantCulture)}; it must be from 1 to 10000.");

    /// <summary>
    /// Scores a record by the weighted mean of its similarity and its text score, each scaled to 0 for the last candidate of its part and
    /// 1 for the first; a part that did not find the record contributes 0.
    /// </summary>
    /// <param name="vectorWeight">
    /// The weight of the vector part; the text part has the rest. Range: 0–1. With 0 the search is by words only, needs no vector and
    /// embeds no text; with 1 it is by vector only.
    /// </param>
    /// <returns>The fusion.</returns>
    /// <remarks>When all candidates of a part score the same, each of them counts as 1.</remarks>
    /// <exception cref="VectorInputException"><paramref name="vectorWeight"/> is out of its range.</exception>
    public static HybridFusion Weighted(float vectorWeight) =>
        vectorWeight is >= 0 and <= 1
            ? new HybridFusion(0, vectorWeight)
            : throw new VectorInputException(
                $"vectorWeight is {vectorWeight.ToString(CultureInfo.InvariantCulture)}; it must be from 0 to 1.");

    /// <inheritdoc/>
    public override string ToString() => IsByRank
        ? string.Create(CultureInfo.InvariantCulture, $"ReciprocalRank({RankConstant})")
        : string.Create(CultureInfo.InvariantCulture, $"Weighted({VectorWeight})");
}
