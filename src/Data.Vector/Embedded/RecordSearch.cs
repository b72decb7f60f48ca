using System.Buffers;
using Data.Vector.Collections;
using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;

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
        using var slots = Select(plan, moment.Version, cancellationToken);
        return Nearest(plan, efSearch, Allowed(slots, moment.Version), found, destination);
    }

    /// <summary>Finds the nearest records of a version that the caller has entered, among the slots that a filter accepts.</summary>
    /// <param name="plan">The search; its filter is ignored.</param>
    /// <param name="efSearch">The width of the walk through the graph.</param>
    /// <param name="slots">The slots; null for all.</param>
    /// <param name="version">The version.</param>
    /// <param name="destination">Receives the matches, ordered by distance, then id.</param>
    /// <returns>The number of matches written.</returns>
    public int Nearest(in SearchPlan plan, int efSearch, SlotBitmap? slots, long version, Span<VectorMatch> destination)
    {
        if (destination.IsEmpty)
            return 0;

        var found = ArrayPool<Neighbor>.Shared.Rent(destination.Length + 1);
        try
        {
            return Nearest(plan, efSearch, Allowed(slots, version), found.AsSpan(0, destination.Length + 1), destination);
        }
        finally
        {
            ArrayPool<Neighbor>.Shared.Return(found);
        }
    }

    /// <summary>Finds all records within a distance, ordered by distance, then id. Ignores <see cref="SearchPlan.Top"/>.</summary>
    public VectorMatch[] Within(in SearchPlan plan, int efSearch, float maxDistance, CancellationToken cancellationToken)
    {
        using var moment = records.Enter();
        using var slots = Select(plan, moment.Version, cancellationToken);
        var found = Range(plan, efSearch, maxDistance, Allowed(slots, moment.Version));
        var matches = new VectorMatch[found.Count];
        Resolve(plan, found.ToArray(), matches, moment.Version);
        return matches;
    }

    // The index decides by the count: it scans what the filter leaves, or walks the graph with a wider beam.
    private static SlotFilter Allowed(SlotBitmap? slots, long version) =>
        (slots is null ? default : new SlotFilter(slots.Words, slots.Count())).At(version);

    private SlotBitmap? Select(in SearchPlan plan, long version, CancellationToken cancellationToken) =>
        plan.Filter is null ? null : records.Select(plan.Filter, version, cancellationToken);

    private int Nearest(
        in SearchPlan plan, int efSearch, SlotFilter allowed, Span<Neighbor> found, Span<VectorMatch> destination)
    {
        var count = _index.Search(plan.Vector.Span, efSearch, found, allowed);
        if (!_exact || count < found.Length || found[^1].Distance != found[^2].Distance)
            return Resolve(plan, found[..Math.Min(count, destination.Length)], destination, allowed.Version);

        // An exact index returns the lowest ids of those that tie for the last places, so it looks at all of them.
        var tied = Range(plan, efSearch, found[^1].Distance, allowed);
        var matches = new VectorMatch[tied.Count];
        count = Math.Min(Resolve(plan, tied.ToArray(), matches, allowed.Version), destination.Length);
        matches.AsSpan(0, count).CopyTo(destination);
        return count;
    }

    private List<Neighbor> Range(in SearchPlan plan, int efSearch, float maxDistance, SlotFilter allowed)
    {
        // The index takes an open interval, the interface a closed one.
        var found = new List<Neighbor>();
        _index.SearchRange(plan.Vector.Span, MathF.BitIncrement(maxDistance), efSearch, found, allowed);
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
