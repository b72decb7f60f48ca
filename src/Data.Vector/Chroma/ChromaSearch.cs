using Data.Vector.Collections;

namespace Data.Vector.Chroma;

/// <summary>Searches a collection on a Chroma server, and completes in process what the server cannot filter.</summary>
internal sealed class ChromaSearch(ChromaCollectionInfo info, ChromaClient client)
{
    private const int MaxCount = 1_000_000;

    /// <summary>Finds at most <see cref="SearchPlan.Top"/> records within a distance.</summary>
    public async ValueTask<IReadOnlyList<VectorMatch>> WithinAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken)
    {
        // The server knows no range search: the list of the nearest is made longer until it leaves the range.
        for (var top = Math.Min(plan.Top, 100); ; top = (int)Math.Min(plan.Top, top * 4L))
        {
            var matches = (await NearestAsync([plan with { Top = top }], cancellationToken).ConfigureAwait(false))[0];
            if (matches.Count < top || matches[top - 1].Distance > maxDistance || top == plan.Top)
                return [.. matches.TakeWhile(match => match.Distance <= maxDistance).Take(plan.Top)];
        }
    }

    /// <summary>
    /// Finds the nearest records for several searches that differ in the vector only; each list is at least as long as asked for, if there
    /// are as many records.
    /// </summary>
    public async Task<List<VectorMatch>[]> NearestAsync(SearchPlan[] plans, CancellationToken cancellationToken)
    {
        var plan = plans[0];
        var filter = ChromaFilter.From(plan.Filter);
        if (filter.IsNever)
            return [.. plans.Select(static _ => new List<VectorMatch>())];

        // One more than asked for shows whether a tie crosses the end; where the server narrows only in part, most of what it returns may
        // fall away.
        var count = filter.IsExact ? plan.Top + 1 : Math.Max(32, plan.Top * 4);
        var tieLimit = (plan.Top * 4) + 64;
        while (true)
        {
            var query = new ChromaQuery
            {
                Vectors = [.. plans.Select(static item => item.Vector)],
                Count = count,
                Filter = filter,
                IncludeVectors = plan.IncludeVectors,
                IncludeDocuments = plan.IncludeDocuments || !filter.IsExact,
            };
            using var answer = await client.QueryAsync(info.Id, query, cancellationToken).ConfigureAwait(false);
            var results = new List<VectorMatch>[plans.Length];
            var enough = true;
            for (var row = 0; row < plans.Length; row++)
            {
                var found = new ChromaAnswer(answer.RootElement, row);
                results[row] = Read(found, plan, filter.IsExact);
                enough &= found.Count < count
                    || (results[row].Count >= plan.Top && (count >= tieLimit || !TieCrosses(results[row], plan.Top)));
            }

            if (enough || count == MaxCount)
                return results;

            count = (int)Math.Min(MaxCount, count * 4L);
        }
    }

    private static bool TieCrosses(List<VectorMatch> matches, int top) =>
        matches.Count > top && matches[top - 1].Distance == matches[^1].Distance;

    private List<VectorMatch> Read(ChromaAnswer found, in SearchPlan plan, bool exact)
    {
        var matches = new List<VectorMatch>(found.Count);
        for (var i = 0; i < found.Count; i++)
        {
            var record = found.Record(i);
            if (exact || record.Matches(plan.Filter))
            {
                var distance = found.Distance(i);
                var vector = plan.IncludeVectors ? found.Vector(i) : null;
                var similarity = Similarity.FromDistance(info.Options.Metric, distance);
                matches.Add(new VectorMatch(record, distance, similarity, plan.IncludeDocuments, vector));
            }
        }

        matches.Sort(MatchOrder.Compare);
        return matches;
    }
}
