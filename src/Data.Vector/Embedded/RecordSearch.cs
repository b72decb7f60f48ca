using Data.Vector.Collections;
using Data.Vector.Indexing;

namespace Data.Vector.Embedded;

/// <summary>Searches of a collection: the index finds slots, the table turns them into matches. Takes no lock.</summary>
/// <remarks>Selection, search and lookup see one version of the collection, so no write that runs meanwhile shows in part.</remarks>
/// <param name="records">Vectors, records and the indexes over their metadata.</param>
internal sealed class RecordSearch(StoredRecords records)
{
    private readonly VectorIndex _index = records.Index;
    private readonly bool _exact = records.Index is FlatIndex;

    /// <summary>Finds the nearest records.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="efSearch">The width of the walk through the graph.</param>
    /// <param name="found">Scratch space, one longer than <paramref name="destination"/>, to detect a tie that crosses its end.</param>
    /// <param name="destination">Receives the matches, ordered by distance, then id.</param>
    /// <param name="cancellationToken">Cancels the search between its steps.</param>
    /// <returns>The number of matches written.</returns>
    public int Nearest(
        in SearchPlan plan, int efSearch, Span<Neighbor> found, Span<VectorMatch> destination, CancellationToken cancellationToken)
    {
        using var moment = records.Enter();
        var count = Nearest(plan, efSearch, found, moment.Version, cancellationToken);
        if (!_exact || count < found.Length || found[^1].Distance != found[^2].Distance)
            return Resolve(plan, found[..Math.Min(count, destination.Length)], destination, moment.Version);

        // An exact index returns the lowest ids of those that tie for the last places, so it looks at all of them.
        var tied = Range(plan, efSearch, found[^1].Distance, moment.Version, cancellationToken);
        var matches = new VectorMatch[tied.Count];
        count = Math.Min(Resolve(plan, tied.ToArray(), matches, moment.Version), destination.Length);
        matches.AsSpan(0, count).CopyTo(destination);
        return count;
    }

    /// <summary>Finds all records within a distance, ordered by distance, then id. Ignores <see cref="SearchPlan.Top"/>.</summary>
    public VectorMatch[] Within(in SearchPlan plan, int efSearch, float maxDistance, CancellationToken cancellationToken)
    {
        using var moment = records.Enter();
        var found = Range(plan, efSearch, maxDistance, moment.Version, cancellationToken);
        var matches = new VectorMatch[found.Count];
        Resolve(plan, found.ToArray(), matches, moment.Version);
        return matches;
    }

    private int Nearest(in SearchPlan plan, int efSearch, Span<Neighbor> found, long version, CancellationToken cancellationToken)
    {
        if (plan.Filter is null)
            return _index.Search(plan.Vector.Span, efSearch, found, default(SlotFilter).At(version));

        // The index decides by the count: it scans what the filter leaves, or walks the graph with a wider beam.
        using var slots = records.Select(plan.Filter, version, cancellationToken);
        return _index.Search(plan.Vector.Span, efSearch, found, new SlotFilter(slots.Words, slots.Count()).At(version));
    }

    private List<Neighbor> Range(in SearchPlan plan, int efSearch, float maxDistance, long version, CancellationToken cancellationToken)
    {
        // The index takes an open interval, the interface a closed one.
        var radius = MathF.BitIncrement(maxDistance);
        var found = new List<Neighbor>();
        if (plan.Filter is null)
        {
            _index.SearchRange(plan.Vector.Span, radius, efSearch, found, default(SlotFilter).At(version));
            return found;
        }

        using var slots = records.Select(plan.Filter, version, cancellationToken);
        _index.SearchRange(plan.Vector.Span, radius, efSearch, found, new SlotFilter(slots.Words, slots.Count()).At(version));
        return found;
    }

    /// <summary>Turns slots into matches, ordered by distance, then id.</summary>
    private int Resolve(in SearchPlan plan, ReadOnlySpan<Neighbor> found, Span<VectorMatch> destination, long version)
    {
        for (var i = 0; i < found.Length; i++)
        {
            var (slot, distance) = found[i];
            var vector = plan.IncludeVectors ? _index.CopyVector(slot) : null;
            var similarity = Similarity.FromDistance(_index.Metric, distance);
            destination[i] = new VectorMatch(records.Table.Read(slot, version)!, distance, similarity, plan.IncludeDocuments, vector);
        }

        MatchOrder.SortTies(destination[..found.Length]);
        return found.Length;
    }
}
