using Data.Vector.Collections;

namespace Data.Vector.Chroma;

internal sealed partial class ChromaCollection
{
    private const int MaxCount = 1_000_000;

    protected override async ValueTask<int> SearchCoreAsync(
        SearchPlan plan,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        var matches = await NearestAsync([plan], cancellationToken).ConfigureAwait(false);
        var count = Math.Min(matches[0].Count, plan.Top);
        for (var i = 0; i < count; i++)
            destination.Span[i] = matches[0][i];

        return count;
    }

    protected override async ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
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

    protected override async Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchCoreAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken)
    {
        var results = new IReadOnlyList<VectorMatch>[requests.Count];
        var groups = Enumerable.Range(0, requests.Count)
            .GroupBy(i => requests[i] is { Text: null, Mmr: null } r ?
                (r.Top, r.Filter, r.IncludeVectors, r.IncludeDocuments, -1) :
                (0, null, false, false, i));
        foreach (var group in groups)
        {
            int[] members = [.. group];
            if (group.Key.Item5 >= 0)
            {
                results[members[0]] = await SearchAsync(requests[members[0]], cancellationToken).ConfigureAwait(false);
                continue;
            }

            SearchPlan[] plans = [.. members.Select(i => SearchPlan.For(requests[i], requests[i].Vector))];
            var found = await NearestAsync(plans, cancellationToken).ConfigureAwait(false);
            for (var k = 0; k < members.Length; k++)
            {
                VectorMatch[] matches = [.. found[k].Take(plans[k].Top)];
                results[members[k]] = Trim(matches, Cut(requests[members[k]], matches));
            }
        }

        return results;
    }

    /// <summary>
    /// The nearest records of several searches that differ in the vector only; each list is at least as long as asked for, if there are so
    /// many.
    /// </summary>
    private async Task<List<VectorMatch>[]> NearestAsync(SearchPlan[] plans, CancellationToken cancellationToken)
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
            if (exact || Matches(plan.Filter, record))
            {
                var distance = found.Distance(i);
                var vector = plan.IncludeVectors ? found.Vector(i) : null;
                matches.Add(
                    new VectorMatch(record, distance, Similarity.FromDistance(Options.Metric, distance), plan.IncludeDocuments, vector));
            }
        }

        matches.Sort(MatchOrder.Compare);
        return matches;
    }
}
