using System.Runtime.CompilerServices;
using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>
/// The nearest nodes seen so far in one sorted array, each marked once its links have been followed. At the sizes a search uses,
/// shifting a few cache lines beats keeping two heaps.
/// </summary>
/// <remarks>An entry is the key in the upper half, then the slot, then one bit for "followed": entries order by distance, then slot.</remarks>
internal unsafe struct CandidatePool
{
    private const ulong Followed = 1;

    private readonly ulong* _entries;
    private readonly int _size;
    private int _count;
    private int _next;

    /// <summary>Starts empty.</summary>
    /// <param name="entries">Room for <paramref name="size"/> entries and one more.</param>
    /// <param name="size">How many of the nearest are kept.</param>
    public CandidatePool(ulong* entries, int size)
    {
        _entries = entries;
        _size = size;
    }

    public readonly int Count => _count;

    /// <summary>What a key must be below to be kept.</summary>
    public readonly ulong Bound
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _count < _size ? ulong.MaxValue : _entries[_size - 1];
    }

    public readonly int Slot(int index) => (int)((uint)_entries[index] >> 1);

    public readonly uint Key(int index) => (uint)(_entries[index] >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Entry(uint key, int slot) => ((ulong)key << 32) | ((uint)slot << 1);

    /// <summary>Whether nodes farther than the last one were turned away.</summary>
    public readonly bool IsFull => _count == _size;

    /// <summary>The nearest node not followed yet, which is now taken as followed; -1 when all are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeNext()
    {
        while (_next < _count)
        {
            ref var entry = ref _entries[_next++];
            if ((entry & Followed) != 0) continue;
            entry |= Followed;
            return (int)((uint)entry >> 1);
        }

        return -1;
    }

    /// <summary>The node that <see cref="TakeNext"/> would probably return; -1 for none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int PeekNext() => _next < _count ? (int)((uint)_entries[_next] >> 1) : -1;

    /// <summary>Drops what a search may not return: nodes that are not live, or that the filter does not allow.</summary>
    public void Retain(byte* states, SlotFilter filter)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var slot = Slot(i);
            if (Volatile.Read(ref states[slot]) == SlotState.Live && filter.Allows(slot)) _entries[kept++] = _entries[i];
        }

        _count = kept;
    }

    /// <summary>Keeps an entry that is below <see cref="Bound"/>.</summary>
    public void Insert(ulong entry)
    {
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_entries[middle] < entry) low = middle + 1;
            else high = middle;
        }

        if (_count < _size) _count++;
        var moved = _count - 1 - low;
        if (moved > 0) new ReadOnlySpan<ulong>(_entries + low, moved).CopyTo(new Span<ulong>(_entries + low + 1, moved));
        _entries[low] = entry;
        if (low < _next) _next = low;
    }
}
