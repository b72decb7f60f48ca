using Data.Vector.Collections;

namespace Data.Vector.Pinecone;

internal sealed partial class PineconeCollection
{
    private const int MaxTop = 10_000, FirstRange = 100, BatchConcurrency = 8;

    protected override async ValueTask<int> SearchCoreAsync(
        SearchPlan plan,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        if (plan.Top > MaxTop)
            throw new VectorInputException($"Top is {plan.Top}; Pinecone returns at most {MaxTop:N0} records.");

        var matches = await NearestAsync(plan, plan.Top, cancellationToken).ConfigureAwait(false);
        matches.CopyTo(destination.Span);
        return matches.Count;
    }

    protected override async ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
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

    protected override async Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchCoreAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken)
    {
        var results = new IReadOnlyList<VectorMatch>[requests.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = BatchConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            results.Length,
            options,
            async (i, cancel) => results[i] = await SearchAsync(requests[i], cancel).ConfigureAwait(false)).ConfigureAwait(false);
        return results;
    }

    private async Task<List<VectorMatch>> NearestAsync(SearchPlan plan, int top, CancellationToken cancellationToken)
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
            matches.Add(
                new VectorMatch(record, distance, Similarity.FromDistance(Options.Metric, distance), plan.IncludeDocuments, vector));
        }

        matches.Sort(MatchOrder.Compare);
        return matches;
    }
}
