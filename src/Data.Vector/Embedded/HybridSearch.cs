using System.Buffers;
using Data.Vector.Collections;
using Data.Vector.KeyIndexes;
using Data.Vector.TextSearch;

namespace Data.Vector.Embedded;

/// <summary>Hybrid searches of a collection. Both parts and the filter see one version. Takes no lock.</summary>
/// <param name="records">The records.</param>
/// <param name="nearest">The vector part.</param>
internal sealed class HybridSearch(StoredRecords records, RecordSearch nearest)
{
    /// <summary>Runs a search.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="efSearch">The width of the walk through the graph.</param>
    /// <param name="index">The text index; null to search by vector only.</param>
    /// <param name="cancellationToken">Cancels the search between its steps.</param>
    /// <returns>The matches, the best first.</returns>
    public HybridMatch[] Run(in HybridPlan plan, int efSearch, TextIndex? index, CancellationToken cancellationToken)
    {
        // So that the statistics of texts do not count what the last write replaced.
        records.Settle();
        using var moment = records.Enter();
        using var slots = plan.Filter is null ? null : records.Select(plan.Filter, moment.Version, cancellationToken);
        var wanted = Math.Min(plan.Candidates, records.Index.VisibleBound);
        var vectors = ArrayPool<VectorMatch>.Shared.Rent(wanted);
        var texts = ArrayPool<TextHit>.Shared.Rent(wanted);
        try
        {
            var byVector = plan.Fusion.UsesVector
                ? nearest.Nearest(Vector(plan, wanted), efSearch, slots, moment.Version, vectors.AsSpan(0, wanted))
                : 0;
            cancellationToken.ThrowIfCancellationRequested();
            var byText = index is not null
                ? new TextSearcher(index).Search(
                    plan.Text, new VisibleRecords(records, moment.Version, slots), texts.AsSpan(0, wanted), cancellationToken)
                : 0;
            return Fuse(plan, vectors.AsSpan(0, byVector), texts.AsSpan(0, byText));
        }
        finally
        {
            ArrayPool<VectorMatch>.Shared.Return(vectors, clearArray: true);
            ArrayPool<TextHit>.Shared.Return(texts, clearArray: true);
        }
    }

    private static SearchPlan Vector(in HybridPlan plan, int wanted) => new()
    {
        Vector = plan.Vector,
        Top = wanted,
        IncludeDocuments = plan.IncludeDocuments,
        IncludeVectors = plan.IncludeVectors,
    };

    private HybridMatch[] Fuse(in HybridPlan plan, ReadOnlySpan<VectorMatch> byVector, ReadOnlySpan<TextHit> hits)
    {
        var all = byVector.Length + hits.Length;
        var ranks = ArrayPool<FusedRank>.Shared.Rent(all);
        var byText = ArrayPool<TextMatch>.Shared.Rent(hits.Length);
        try
        {
            for (var i = 0; i < hits.Length; i++)
                byText[i] = new TextMatch(hits[i].Record, hits[i].Score);

            var texts = byText.AsSpan(0, hits.Length);
            var count = RankFusion.Fuse(plan.Fusion, byVector, texts, ranks);
            var matches = new HybridMatch[Math.Clamp(count - plan.Skip, 0, plan.Top)];
            for (var i = 0; i < matches.Length; i++)
            {
                ref readonly var rank = ref ranks[plan.Skip + i];
                var vector = !plan.IncludeVectors
                    ? default
                    : rank.VectorRank > 0 ? byVector[rank.VectorRank - 1].Vector : records.Index.CopyVector(hits[rank.TextRank - 1].Slot);
                matches[i] = RankFusion.Match(plan, rank, byVector, texts, vector);
            }

            return matches;
        }
        finally
        {
            ArrayPool<FusedRank>.Shared.Return(ranks, clearArray: true);
            ArrayPool<TextMatch>.Shared.Return(byText, clearArray: true);
        }
    }
}
