using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>
/// The nearest nodes seen so far in one sorted array, each marked once it has been expanded (its links followed). At the sizes that a
/// search uses, shifting a few cache lines is faster than two heaps.
/// </summary>
/// <remarks>
/// An entry is the key in the upper half, then the slot, then one bit for "expanded": entries order by distance, then slot.
/// </remarks>
internal unsafe struct CandidatePool
{
    /// <summary>Places that the array needs beyond the size of the pool: entries are read and shifted by whole SIMD vectors.</summary>
    public const int Spare = 2 * Width;

    private const ulong Expanded = 1;

    private const int Width = 4;

    // Among this many entries the smaller ones are counted, without a branch; more are halved first.
    private const int MaxCounted = 32;

    private readonly ulong* _entries;
    private readonly int _size;
    private int _count;
    private int _next;

    /// <summary>Creates an empty pool.</summary>
    /// <param name="entries">Room for <paramref name="size"/> entries and <see cref="Spare"/> more.</param>
    /// <param name="size">How many of the nearest are kept.</param>
    public CandidatePool(ulong* entries, int size)
    {
        _entries = entries;
        _size = size;
        // Unused places compare as farther than any entry.
        new Span<ulong>(entries, size + Spare).Fill(ulong.MaxValue);
    }

    public readonly int Count => _count;

    /// <summary>Whether farther nodes may have been dropped.</summary>
    public readonly bool IsFull => _count == _size;

    /// <summary>The node that <see cref="TakeNext"/> will probably return; -1 for none.</summary>
    public readonly int Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _next < _count ? Slot(_entries[_next]) : -1;
    }

    // Entries are kept when they are below the bound.
    private readonly ulong Bound
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _count < _size ? ulong.MaxValue : _entries[_size - 1];
    }

    public readonly int Slot(int index) => Slot(_entries[index]);

    public readonly uint Key(int index) => (uint)(_entries[index] >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Entry(uint key, int slot) => ((ulong)key << 32) | ((uint)slot << 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Slot(ulong entry) => (int)((uint)entry >> 1);

    /// <summary>Returns the nearest node that is not expanded and marks it as expanded; -1 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeNext()
    {
        while (_next < _count)
        {
            ref var entry = ref _entries[_next++];
            if ((entry & Expanded) != 0)
                continue;
            entry |= Expanded;
            return Slot(entry);
        }

        return -1;
    }

    /// <summary>Returns whether an entry is near enough to be inserted.</summary>
    public readonly bool IsNear(ulong entry) => entry < Bound;

    /// <summary>Returns whether an entry, once inserted, is the next one taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsBeforeNext(ulong entry) => entry < _entries[_next];

    /// <summary>Removes the nodes that are not live or that the filter does not allow.</summary>
    public void Retain(SlotTable table, byte* states, SlotFilter filter)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var slot = Slot(i);
            if (table.IsVisible(states, slot, filter.Version) && filter.Allows(slot))
                _entries[kept++] = _entries[i];
        }

        _count = kept;
    }

    /// <summary>Makes entries of the slots in a batch that may be near enough; returns how many.</summary>
    /// <param name="slots">The batch.</param>
    /// <param name="keys">Their keys, with room for three more.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="near">Receives the entries.</param>
    /// <param name="nearest">The nearest of them; larger than any entry when there is none.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly int SelectNear(int* slots, uint* keys, int count, ulong* near, out ulong nearest)
    {
        var bound = Vector128.Create((uint)(Bound >> 32));
        var best = ulong.MaxValue;
        var kept = 0;
        for (var i = 0; i < count; i += Vector128<uint>.Count)
        {
            var within = Vector128.LessThanOrEqual(Vector128.Load(keys + i), bound).ExtractMostSignificantBits();
            for (; within != 0; within &= within - 1)
            {
                var place = i + BitOperations.TrailingZeroCount(within);
                if (place >= count)
                    break;
                var entry = Entry(keys[place], slots[place]);
                near[kept++] = entry;
                best = Math.Min(best, entry);
            }
        }

        nearest = best;
        return kept;
    }

    /// <summary>Inserts the entries that are still near enough.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Insert(ulong* near, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (near[i] < Bound)
                Insert(near[i]);
        }
    }

    /// <summary>Inserts an entry that is nearer than the last one; drops that one when the pool is full.</summary>
    public void Insert(ulong entry)
    {
        var place = Rank(entry);
        if (_count < _size)
            _count++;
        Shift(_entries + place, _count - 1 - place);
        _entries[_size] = ulong.MaxValue;
        _entries[place] = entry;
        if (place < _next)
            _next = place;
    }

    // Returns how many entries are smaller.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Rank(ulong entry)
    {
        var from = _entries;
        var length = _count;
        while (length > MaxCounted)
        {
            var half = length >> 1;
            from += half & -(from[half - 1] < entry ? 1 : 0);
            length -= half;
        }

        var limit = Vector256.Create(entry);
        var smaller = Vector256<ulong>.Zero;
        for (var i = 0; i < length; i += Width)
            smaller -= Vector256.LessThan(Vector256.Load(from + i), limit);
        return (int)(from - _entries) + (int)Vector256.Sum(smaller);
    }

    // Moves entries up by one place. Up to three places behind them are overwritten with what follows: Spare covers them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shift(ulong* from, int count)
    {
        var carried = Vector256.Load(from);
        for (var i = 0; i < count; i += Width)
        {
            var next = Vector256.Load(from + i + Width);
            carried.Store(from + i + 1);
            carried = next;
        }
    }
}
