using System.Collections.Concurrent;
using Data.Vector.Filters;

namespace Data.Vector.KeyIndexes;

/// <summary>The indexes over the metadata of a collection, and the sets of slots that filters select by them.</summary>
/// <remarks>
/// An index over a key is built when a filter first needs it and kept up to date from then on; keys without filters cost nothing.
/// The set of slots is exact except for concurrent writes; a search therefore checks its few results against the filter again.
/// </remarks>
internal sealed class MetadataIndexes(RecordTable records, Func<int> slotLimit)
{
    private readonly ConcurrentDictionary<string, Lazy<InvertedIndex>> _inverted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<SortedIndex>> _sorted = new(StringComparer.Ordinal);
    private readonly Lock _registration = new();
    private readonly Func<int, VectorRecord?> _current = slot => records[slot];
    private IKeyIndex[] _live = [];

    /// <summary>Indexes a record that has been put into a slot.</summary>
    public void Added(int slot)
    {
        foreach (var index in Live())
            index.Update(slot, _current);
    }

    /// <summary>Removes the metadata of a record that has been removed from a slot.</summary>
    public void Removed(int slot, VectorMetadata metadata)
    {
        foreach (var index in Live())
            index.Remove(slot, metadata);
    }

    /// <summary>Returns the slots that a filter accepts. The caller disposes the set.</summary>
    public SlotBitmap Select(VectorFilter filter)
    {
        var bitmap = Select(filter, negated: false, slotLimit(), out var exact);
        if (!exact)
            bitmap.Keep(slot => records[slot] is { } record && record.Matches(filter));

        return bitmap;
    }

    private SlotBitmap Select(VectorFilter filter, bool negated, int slots, out bool exact)
    {
        switch (filter)
        {
            case NotFilter not:
                return Select(not.Inner, !negated, slots, out exact);
            case AndFilter and:
                return Combine(and.Filters, negated, conjunction: !negated, slots, out exact);
            case OrFilter or:
                return Combine(or.Filters, negated, conjunction: negated, slots, out exact);
            case TextFilter:
                // Texts have no index: every slot may qualify, and the caller looks at what the rest of the filter leaves.
                exact = false;
                var all = new SlotBitmap(slots);
                all.Fill();
                return all;
            default:
                exact = true;
                var leaf = Leaf(filter, slots);
                if (negated)
                    leaf.Invert();

                return leaf;
        }
    }

    private SlotBitmap Combine(VectorFilter[] filters, bool negated, bool conjunction, int slots, out bool exact)
    {
        var result = Select(filters[0], negated, slots, out exact);
        foreach (var filter in filters.AsSpan(1))
        {
            using var next = Select(filter, negated, slots, out var nextExact);
            exact &= nextExact;
            if (conjunction)
                result.And(next);
            else
                result.Or(next.Words);
        }

        return result;
    }

    private SlotBitmap Leaf(VectorFilter filter, int slots)
    {
        var bitmap = new SlotBitmap(slots);
        switch (filter)
        {
            case ComparisonFilter { Operator: ComparisonOperator.Eq } equality:
                Inverted(equality.Key).CollectValue(equality.Value, bitmap);
                break;
            case ComparisonFilter range:
                Sorted(range.Key).CollectRange(range.Operator, range.Value, bitmap);
                break;
            case MembershipFilter membership:
                foreach (var value in membership.Values)
                    Inverted(membership.Key).CollectValue(value, bitmap);

                break;
            case ElementFilter element:
                Inverted(element.Key).CollectElement(element.Element, bitmap);
                break;
            default:
                throw new ArgumentException($"No index answers {filter.GetType().Name}.", nameof(filter));
        }

        return bitmap;
    }

    private InvertedIndex Inverted(string key) =>
        _inverted.GetOrAdd(key, static (k, self) => new Lazy<InvertedIndex>(() => self.Build(new InvertedIndex(k))), this).Value;

    private SortedIndex Sorted(string key) =>
        _sorted.GetOrAdd(key, static (k, self) => new Lazy<SortedIndex>(() => self.Build(new SortedIndex(k))), this).Value;

    private T Build<T>(T index)
        where T : IKeyIndex
    {
        // Writers must maintain it before the scan begins, else a write behind the scan would be missed.
        lock (_registration)
            Volatile.Write(ref _live, [.. _live, index]);

        Interlocked.MemoryBarrier();
        for (var slot = 0; slot < slotLimit(); slot++)
            index.Update(slot, _current);

        return index;
    }

    private IKeyIndex[] Live()
    {
        // The caller's change to the table must be visible before the list is read: either the writer sees a new index or its scan sees the
        // change.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _live);
    }
}
