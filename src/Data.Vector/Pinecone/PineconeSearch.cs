using Data.Vector.Collections;

namespace Data.Vector.Pinecone;

/// <summary>Searches a collection on Pinecone.</summary>
internal sealed class PineconeSearch(PineconeIndexInfo info, PineconeClient client)
{
    /// <summary>The most records that the server returns.</summary>
    public const int MaxTop = 10_000;

    private const int FirstRange = 100;

    /// <summary>Finds at most <see cref="SearchPlan.Top"/> records within a distance.</summary>
    public async ValueTask<IReadOnlyList<VectorMatch>> WithinAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken)
    {
        // The server knows no range search: the list of the nearest is made longer until it leaves the range.
        var limit = Math.Min(plan.Top, MaxTop);
        for (var top = Math.Min(limit, FirstRange); ; top = Math.Min(limit, top * 4))
        {
            var matches = await NearestAsync(plan, top, cancellationToken).ConfigureAwait(false);
            if (matches.Count < top || matches[^1].Distance > maxDistance || top == plan.Top)
                return [.. matches.TakeWhile(match => match.Distance <= maxDistance)];

            if (top == MaxTop)
            {
                throw new VectorStoreProtocolException($"More than {MaxTop:N0} records are in range, which is all that Pinecone returns; "
                    + "choose a smaller MaxDistance or Limit.");
            }
        }
    }

    /// <summary>Finds the nearest records, ordered by distance, then id.</summary>
    public async Task<List<VectorMatch>> NearestAsync(SearchPlan plan, int top, CancellationToken cancellationToken)
    {
        var filter = PineconeFilter.From(plan.Filter);
        if (filter.IsNever)
            return [];

        if (!plan.Vector.Span.ContainsAnyExcept(0f))
            throw new VectorInputException("The query's vector is zero, which Pinecone does not take under any metric.");

        using var answer = await client.QueryAsync(
            info.Host,
            plan.Vector,
            top,
            filter.Where,
            plan.IncludeVectors,
            includeMetadata: true,
            cancellationToken).ConfigureAwait(false);
        var matches = new List<VectorMatch>(top);
        foreach (var match in answer.RootElement.GetProperty("matches").EnumerateArray())
        {
            var record = PineconeMatches.Record(match.GetProperty("id").GetString()!, match, plan.IncludeVectors, plan.IncludeDocuments);
            var distance = info.Distance(match.TryGetProperty("score", out var score) ? score.GetDouble() : 0);
            var vector = plan.IncludeVectors ? record.Vector.ToArray() : null;
            var similarity = Similarity.FromDistance(info.Options.Metric, distance);
            matches.Add(new VectorMatch(record, distance, similarity, plan.IncludeDocuments, vector));
        }

        matches.Sort(MatchOrder.Compare);
        return matches;
    }
}
