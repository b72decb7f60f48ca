using System.Collections.Concurrent;
using Data.Vector.Filters;

namespace Data.Vector.KeyIndexes;

/// <summary>The indexes over the metadata of a collection, and the sets of slots that filters select by them.</summary>
/// <remarks>
/// An index over a key is built when a filter first needs it, or in the background when the collection is opened again, and kept up to date
/// from then on; keys without filters cost nothing.
/// The indexes have no versions. Slots that a write changes are registered as unsettled before the write is published, and stay so until
/// no read of an earlier version is left; a selection decides about those by their records.
/// </remarks>
internal sealed class MetadataIndexes(RecordTable records, Func<int> slotLimit)
{
    private readonly ConcurrentDictionary<string, Lazy<InvertedIndex>> _inverted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<SortedIndex>> _sorted = new(StringComparer.Ordinal);
    private readonly Lock _registration = new();
    private readonly ConcurrentDictionary<int, int> _unsettled = new();
    private IKeyIndex[] _live = [];

    /// <summary>The keys that have an index for equality.</summary>
    public string[] InvertedKeys => [.. _inverted.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The keys that have an index for ranges.</summary>
    public string[] SortedKeys => [.. _sorted.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Answers filters by words; null when nothing does.</summary>
    public IWordIndex? Words { get; set; }

    /// <summary>Builds indexes before a filter needs them.</summary>
    public void Build(IReadOnlyList<string> inverted, IReadOnlyList<string> sorted)
    {
        foreach (var key in inverted)
            Inverted(key);

        foreach (var key in sorted)
            Sorted(key);
    }

    /// <summary>Has writers keep an index up to date from here on; then the caller adds the records that are there.</summary>
    public void Maintain(IKeyIndex index)
    {
        // Before the caller's scan begins, else a write behind the scan would be missed.
        lock (_registration)
            Volatile.Write(ref _live, [.. _live, index]);

        Interlocked.MemoryBarrier();
    }

    /// <summary>Registers a slot that a write is going to change.</summary>
    public void Unsettle(int slot) => _unsettled.AddOrUpdate(slot, 1, static (_, count) => count + 1);

    /// <summary>Ends one registration of a slot, when the indexes are right about it for every read.</summary>
    public void Settled(int slot)
    {
        // Another write of the slot may register it at the same time.
        while (_unsettled.TryGetValue(slot, out var count))
        {
            if (count == 1 ? _unsettled.TryRemove(new KeyValuePair<int, int>(slot, 1)) : _unsettled.TryUpdate(slot, count - 1, count))
                return;
        }
    }

    /// <summary>Adds the records in a slot to the indexes.</summary>
    public void Index(int slot)
    {
        foreach (var index in Live())
            index.Update(slot, records);
    }

    /// <summary>Removes the metadata of a record that is no longer in its slot.</summary>
    public void Remove(int slot, VectorMetadata gone)
    {
        foreach (var index in Live())
            index.Remove(slot, gone, records);
    }

    /// <summary>Returns the slots whose records a filter accepts in a version; among them may be slots that are not in use.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="version">The version, which the caller keeps from being settled.</param>
    /// <param name="cancellationToken">Cancels the selection.</param>
    /// <returns>The slots. The caller disposes the set.</returns>
    public SlotBitmap Select(VectorFilter filter, long version, CancellationToken cancellationToken)
    {
        // Before and after: a slot that becomes unsettled meanwhile cannot be settled while this version is read.
        var before = _unsettled.IsEmpty ? [] : _unsettled.Select(static entry => entry.Key).ToArray();
        var bitmap = Select(filter, negated: false, slotLimit(), out var exact);
        try
        {
            if (!exact)
                bitmap.Keep(slot => records.Read(slot, version) is { } record && record.Matches(filter), cancellationToken);

            cancellationToken.ThrowIfCancellationRequested();
            foreach (var slot in before)
                Decide(slot);

            foreach (var (slot, _) in _unsettled)
                Decide(slot);

            return bitmap;
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }

        void Decide(int slot) => bitmap.Change(slot, records.Read(slot, version) is { } record && record.Matches(filter));
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
            case WordFilter words when Words is { } index:
                var having = new SlotBitmap(slots);
                if (exact = index.TryCollect(words.Terms, having))
                {
                    if (negated)
                        having.Invert();
                }
                else
                {
                    having.Fill();
                }

                return having;
            case TextFilter or WordFilter:
                // Parts of texts have no index: every slot may qualify, and the caller looks at what the rest of the filter leaves.
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
        Maintain(index);
        for (var slot = 0; slot < slotLimit(); slot++)
            index.Update(slot, records);

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
