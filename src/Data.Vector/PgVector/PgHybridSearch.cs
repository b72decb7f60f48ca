using Data.Vector.Collections;

namespace Data.Vector.PgVector;

/// <summary>Hybrid searches: two queries, whose rankings are fused in process.</summary>
internal sealed class PgHybridSearch(PgTable table, PgDatabase database, PgSearch search)
{
    private readonly PgTextSearch _texts = new(table, database);

    public async Task<IReadOnlyList<HybridMatch>> BestAsync(HybridPlan plan, CancellationToken cancellationToken)
    {
        var byVector = plan.Fusion.UsesVector
            ? await search.NearestAsync(Nearest(plan), cancellationToken).ConfigureAwait(false)
            : [];
        var byText = plan.Fusion.UsesText ? await _texts.BestAsync(plan, cancellationToken).ConfigureAwait(false) : [];
        return Fuse(plan, [.. byVector], [.. byText]);
    }

    private static HybridMatch[] Fuse(HybridPlan plan, VectorMatch[] byVector, TextMatch[] byText)
    {
        var fused = new FusedRank[byVector.Length + byText.Length];
        var count = RankFusion.Fuse(plan.Fusion, byVector, byText, fused);
        var page = fused[..count].Skip(plan.Skip).Take(plan.Top);
        return [.. page.Select(rank => RankFusion.Match(plan, rank, byVector, byText, Vector(rank)))];

        ReadOnlyMemory<float> Vector(FusedRank rank) =>
            rank.TextRank > 0 ? byText[rank.TextRank - 1].Record.Vector : byVector[rank.VectorRank - 1].Vector;
    }

    private static SearchPlan Nearest(HybridPlan plan) => new()
    {
        Vector = plan.Vector,
        Top = plan.Candidates,
        Filter = plan.Filter,
        EfSearch = plan.EfSearch,
        IncludeVectors = plan.IncludeVectors,
        IncludeDocuments = plan.IncludeDocuments,
    };
}
