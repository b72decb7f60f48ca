using Data.Vector.Collections;
using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;

namespace Data.Vector.Embedded;

/// <summary>Searches of a collection: the index finds slots, the table turns them into matches. Takes no lock.</summary>
/// <param name="index">Holds the vectors.</param>
/// <param name="table">Holds the rest of the records.</param>
/// <param name="metadata">Selects the slots that a filter accepts.</param>
internal sealed class RecordSearch(VectorIndex index, RecordTable table, MetadataIndexes metadata)
{
    // A search that met unfinished writes is run again; after this many attempts its result is returned as it is.
    private const int MaxAttempts = 8;

    private readonly bool _exact = index is FlatIndex;

    /// <summary>Finds the nearest records.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="efSearch">The width of the walk through the graph.</param>
    /// <param name="found">Scratch space, one longer than <paramref name="destination"/>, to detect a tie that crosses its end.</param>
    /// <param name="destination">Receives the matches, ordered by distance, then id.</param>
    /// <returns>The number of matches written.</returns>
    public int Nearest(in SearchPlan plan, int efSearch, Span<Neighbor> found, Span<VectorMatch> destination)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var pin = index.Pin();
            var count = Nearest(plan, efSearch, found);
            var crossing = count == found.Length && found[^1].Distance == found[^2].Distance && _exact;
            var kept = crossing
                ? ResolveTied(plan, efSearch, found[^1].Distance, destination)
                : Resolve(plan, found[..Math.Min(count, destination.Length)], destination);
            if (kept == Math.Min(count, destination.Length) || attempt == MaxAttempts)
                return kept;
        }
    }

    /// <summary>Finds all records within a distance, ordered by distance, then id. Ignores <see cref="SearchPlan.Top"/>.</summary>
    public VectorMatch[] Within(in SearchPlan plan, int efSearch, float maxDistance, out int count)
    {
        using var pin = index.Pin();
        var found = Range(plan, efSearch, maxDistance);
        var matches = new VectorMatch[found.Count];
        count = Resolve(plan, found.ToArray(), matches);
        return matches;
    }

    private int Nearest(in SearchPlan plan, int efSearch, Span<Neighbor> found)
    {
        if (plan.Filter is null)
            return index.Search(plan.Vector.Span, efSearch, found);

        // The index decides by the count: it scans what the filter leaves, or walks the graph with a wider beam.
        using var slots = metadata.Select(plan.Filter);
        return index.Search(plan.Vector.Span, efSearch, found, new SlotFilter(slots.Words, slots.Count()));
    }

    private List<Neighbor> Range(in SearchPlan plan, int efSearch, float maxDistance)
    {
        // The index takes an open interval, the interface a closed one.
        var radius = MathF.BitIncrement(maxDistance);
        var found = new List<Neighbor>();
        if (plan.Filter is null)
        {
            index.SearchRange(plan.Vector.Span, radius, efSearch, found);
            return found;
        }

        using var slots = metadata.Select(plan.Filter);
        index.SearchRange(plan.Vector.Span, radius, efSearch, found, new SlotFilter(slots.Words, slots.Count()));
        return found;
    }

    /// <summary>An exact index returns the lowest ids of those that tie for the last places, so it looks at all of them.</summary>
    private int ResolveTied(in SearchPlan plan, int efSearch, float distance, Span<VectorMatch> destination)
    {
        var found = Range(plan, efSearch, distance);
        var matches = new VectorMatch[found.Count];
        var count = Math.Min(Resolve(plan, found.ToArray(), matches), destination.Length);
        matches.AsSpan(0, count).CopyTo(destination);
        return count;
    }

    /// <summary>Turns slots into matches, ordered by distance, then id; those without a record are skipped.</summary>
    private int Resolve(in SearchPlan plan, ReadOnlySpan<Neighbor> found, Span<VectorMatch> destination)
    {
        var replacements = table.ReplacementsEnded;
        var count = 0;
        foreach (var neighbor in found)
        {
            if (table[neighbor.Slot] is { } record && record.Matches(plan.Filter))
            {
                var vector = plan.IncludeVectors ? index.GetVector(neighbor.Slot).ToArray() : null;
                var similarity = Similarity.FromDistance(index.Metric, neighbor.Distance);
                destination[count++] = new VectorMatch(record, neighbor.Distance, similarity, plan.IncludeDocuments, vector);
            }
        }

        if (table.ReplacementsBegun != replacements)
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
