using System.Buffers;
using Data.Vector.Collections;
using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;

namespace Data.Vector.Embedded;

internal sealed partial class EmbeddedCollection
{
    // A search that met writes half-way is run again; after this many times what it has is good enough.
    private const int MaxAttempts = 8;
    private const int StackNeighbors = 256;

    protected override ValueTask<int> SearchCoreAsync(SearchPlan plan, Memory<VectorMatch> destination, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var wanted = (int)Math.Min((long)plan.Top, _index.Count);
        if (wanted == 0)
            return new ValueTask<int>(0);

        // One more than asked for shows whether a tie crosses the end of the list.
        var rented = wanted < StackNeighbors ? null : ArrayPool<Neighbor>.Shared.Rent(wanted + 1);
        var buffer = rented is null ? stackalloc Neighbor[StackNeighbors] : rented;
        try
        {
            return new ValueTask<int>(Search(plan, buffer[..(wanted + 1)], destination.Span[..wanted]));
        }
        finally
        {
            if (rented is not null)
                ArrayPool<Neighbor>.Shared.Return(rented);
        }
    }

    protected override ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        using var pin = _index.Pin();
        var found = Range(plan, maxDistance);
        var matches = new VectorMatch[found.Count];
        var count = Resolve(plan, found.ToArray(), matches);
        return new ValueTask<IReadOnlyList<VectorMatch>>(Trim(matches, Math.Min(count, plan.Top)));
    }

    protected override Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchCoreAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken)
    {
        if (requests.Any(static request => request.Text is not null))
            return InTurnAsync();

        var results = new IReadOnlyList<VectorMatch>[requests.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _parallelism, CancellationToken = cancellationToken };
        Parallel.For(0, results.Length, parallel, i =>
        {
            var search = SearchAsync(requests[i], cancellationToken);
            results[i] = search.IsCompleted ? search.Result : search.AsTask().GetAwaiter().GetResult();
        });
        return Task.FromResult<IReadOnlyList<IReadOnlyList<VectorMatch>>>(results);

        async Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> InTurnAsync()
        {
            var inTurn = new IReadOnlyList<VectorMatch>[requests.Count];
            for (var i = 0; i < inTurn.Length; i++)
                inTurn[i] = await SearchAsync(requests[i], cancellationToken).ConfigureAwait(false);

            return inTurn;
        }
    }

    private int Search(in SearchPlan plan, Span<Neighbor> found, Span<VectorMatch> destination)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var pin = _index.Pin();
            var count = Nearest(plan, found);
            var crossing = count == found.Length && found[^1].Distance == found[^2].Distance && Options.Index == VectorIndexKind.Flat;
            var kept = crossing
                ? ResolveTied(plan, found[^1].Distance, destination)
                : Resolve(plan, found[..Math.Min(count, destination.Length)], destination);
            if (kept == Math.Min(count, destination.Length) || attempt == MaxAttempts)
                return kept;
        }
    }

    private int Nearest(in SearchPlan plan, Span<Neighbor> found)
    {
        var ef = plan.EfSearch ?? Options.Hnsw.EfSearch;
        if (plan.Filter is null)
            return _index.Search(plan.Vector.Span, ef, found);

        // The index decides by the count: it scans what the filter leaves, or walks the graph wider.
        using var slots = _metadata.Select(plan.Filter);
        return _index.Search(plan.Vector.Span, ef, found, new SlotFilter(slots.Words, slots.Count()));
    }

    private List<Neighbor> Range(in SearchPlan plan, float maxDistance)
    {
        // The index takes an open interval, the interface a closed one.
        var radius = MathF.BitIncrement(maxDistance);
        var ef = plan.EfSearch ?? Options.Hnsw.EfSearch;
        var found = new List<Neighbor>();
        if (plan.Filter is null)
        {
            _index.SearchRange(plan.Vector.Span, radius, ef, found);
            return found;
        }

        using var slots = _metadata.Select(plan.Filter);
        _index.SearchRange(plan.Vector.Span, radius, ef, found, new SlotFilter(slots.Words, slots.Count()));
        return found;
    }

    /// <summary>An exact index returns the lowest ids of those that tie for the last places, so it looks at all of them.</summary>
    private int ResolveTied(in SearchPlan plan, float distance, Span<VectorMatch> destination)
    {
        var found = Range(plan, distance);
        var matches = new VectorMatch[found.Count];
        var count = Math.Min(Resolve(plan, found.ToArray(), matches), destination.Length);
        matches.AsSpan(0, count).CopyTo(destination);
        return count;
    }

    /// <summary>Turns slots into matches, ordered by distance, then id; those without a record are passed over.</summary>
    private int Resolve(in SearchPlan plan, ReadOnlySpan<Neighbor> found, Span<VectorMatch> destination)
    {
        var replacements = _records.ReplacementsEnded;
        var count = 0;
        foreach (var neighbor in found)
        {
            if (_records[neighbor.Slot] is { } record && plan.Filter?.Matches(record.Metadata!, record.Document) != false)
            {
                var vector = plan.IncludeVectors ? _index.GetVector(neighbor.Slot).ToArray() : null;
                var similarity = Similarity.FromDistance(Options.Metric, neighbor.Distance);
                destination[count++] = new VectorMatch(record, neighbor.Distance, similarity, plan.IncludeDocuments, vector);
            }
        }

        if (_records.ReplacementsBegun != replacements)
            count = WithoutDuplicates(destination[..count]);

        MatchOrder.SortTies(destination[..count]);
        return count;
    }

    /// <summary>Drops the farther of two matches with one id: a record that is being replaced shows in both its slots.</summary>
    private static int WithoutDuplicates(Span<VectorMatch> matches)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var kept = 0;
        foreach (var match in matches)
        {
            if (seen.Add(match.Id))
                matches[kept++] = match;
        }

        return kept;
    }
}
