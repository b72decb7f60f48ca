namespace Data.Vector.Indexing;

/// <summary>Keeps the nearest offered results in the caller's buffer: a binary heap with the farthest on top.</summary>
internal ref struct NeighborHeap(Span<Neighbor> buffer)
{
    private readonly Span<Neighbor> _items = buffer;

    public int Count { get; private set; }

    /// <summary>The distance that an offer must be below to be kept.</summary>
    public readonly float Bound =>
        Count < _items.Length ? float.PositiveInfinity : Count == 0 ? float.NegativeInfinity : _items[0].Distance;

    public void Offer(Neighbor item)
    {
        if (Count < _items.Length)
        {
            var child = Count++;
            while (child > 0)
            {
                var parent = (child - 1) / 2;
                if (!IsFarther(item, _items[parent]))
                    break;
                _items[child] = _items[parent];
                child = parent;
            }

            _items[child] = item;
        }
        else if (Count > 0 && IsFarther(_items[0], item))
        {
            ReplaceTop(item);
        }
    }

    /// <summary>Sorts the kept items nearest first, ties by slot; returns how many there are.</summary>
    public readonly int Sort()
    {
        _items[..Count].Sort(static (a, b) => a.CompareTo(b));
        return Count;
    }

    private static bool IsFarther(Neighbor a, Neighbor b) => a.CompareTo(b) > 0;

    private readonly void ReplaceTop(Neighbor item)
    {
        var parent = 0;
        while (true)
        {
            var child = (2 * parent) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && IsFarther(_items[child + 1], _items[child]))
                child++;
            if (!IsFarther(_items[child], item))
                break;
            _items[parent] = _items[child];
            parent = child;
        }

        _items[parent] = item;
    }
}
