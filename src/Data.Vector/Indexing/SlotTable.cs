using System.Runtime.CompilerServices;
using Data.Vector.Distance;
using Data.Vector.Internal;

namespace Data.Vector.Indexing;

/// <summary>
/// The stored vectors: one row per slot with the floats, a state byte and, under cosine, the reciprocal of the vector's length, and the
/// columns of the index that uses the table. Allocates, grows, and reuses slots.
/// </summary>
/// <remarks>
/// Readers pin the table and take no lock. Writers hold <see cref="Writers"/>. "Who may run at once" in Hnsw/design.md states the rules.
/// </remarks>
internal sealed unsafe class SlotTable : IDisposable
{
    public const int FloatColumn = 0, StateColumn = 1, NormColumn = 2, FirstOwnColumn = 3;
    // A small table commits all of its memory at once: a mapping or two for all columns together, so that thousands of collections fit.
    private const int SmallBytes = 1 << 20, MostSmallRows = 1 << 10;
    private const int LargeCapacity = 1 << 18, GrowthFactor = 8;

    private readonly Lock _allocation = new();
    private readonly Queue<(int Slot, long Epoch)> _free = new();
    private SlotColumns _columns;
    private int _limit;
    private int _count;
    private int _prepared;

    public SlotTable(int dimension, DistanceMetric metric, int capacity, ReadOnlySpan<int> ownStrides)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Dimension = dimension;
        Metric = metric;
        int[] strides = [dimension * sizeof(float), sizeof(byte), metric == DistanceMetric.Cosine ? sizeof(float) : 0, .. ownStrides];
        var small = Math.Clamp(SmallBytes / strides.Max(), 1, MostSmallRows);

        // Room beyond what is known to come: reserved addresses cost nothing, and copies of a full table should be rare.
        _columns = new SlotColumns(strides, capacity < small ? small : (int)Math.Clamp(capacity * 2L, LargeCapacity, Array.MaxLength));
    }

    public int Dimension { get; }

    public DistanceMetric Metric { get; }

    /// <summary>Live vectors.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Live vectors, and those that are not yet published: a large write is published when all of it is linked.</summary>
    public int Stored => Count + Volatile.Read(ref _prepared);

    /// <summary>One past the highest slot ever allocated.</summary>
    public int Limit => Volatile.Read(ref _limit);

    /// <summary>The memory in use. A reader pins the table first.</summary>
    public SlotColumns Columns => Volatile.Read(ref _columns);

    public ReadEpochs Epochs { get; } = new();

    /// <summary>The slots that writes are adding or taking.</summary>
    public SlotMoves Moves { get; } = new();

    /// <summary>At least as many slots as any search under way may return.</summary>
    public int VisibleBound
    {
        get
        {
            // In this order: what a write takes is in the second number before it is missing in the first.
            var count = Count;
            Interlocked.MemoryBarrier();
            return count + Moves.Leaving;
        }
    }

    /// <summary>
    /// Adds and deletes enter as readers; operations that need the table to themselves (growth, capture, calibration) enter as the writer.
    /// Searches do neither.
    /// </summary>
    public ReaderWriterLockSlim Writers { get; } = new(LockRecursionPolicy.NoRecursion);

    /// <summary>Keeps memory allocated and slots from being reused until the pin is disposed.</summary>
    public ReadPin Pin() => Epochs.Enter();

    public ExactScorer Scorer(SlotColumns columns, float* query) =>
        new(Metric, Dimension, query, (float*)columns[FloatColumn], (float*)columns[NormColumn]);

    public void CheckDimension(ReadOnlySpan<float> vector)
    {
        if (vector.Length != Dimension)
            throw new ArgumentException($"The vector has {vector.Length} dimensions; the index holds {Dimension}.", nameof(vector));
    }

    /// <summary>Allocates a slot, a released one first; false when the table must grow.</summary>
    public bool TryAllocate(SlotColumns columns, out int slot)
    {
        lock (_allocation)
        {
            if (_free.TryPeek(out var oldest) && Epochs.IsQuiet(oldest.Epoch))
            {
                slot = _free.Dequeue().Slot;
                return true;
            }

            slot = _limit;
            if (slot >= columns.Capacity)
                return false;
            columns.Commit(slot + 1);
            Volatile.Write(ref _limit, slot + 1);
            return true;
        }
    }

    /// <summary>Writes a vector into an allocated slot. Searches do not return it before it is published.</summary>
    public void Store(SlotColumns columns, int slot, ReadOnlySpan<float> vector)
    {
        var row = (float*)columns[FloatColumn] + ((nint)slot * Dimension);
        vector.CopyTo(new Span<float>(row, Dimension));
        if (Metric == DistanceMetric.Cosine)
            ((float*)columns[NormColumn])[slot] = FloatKernels.InverseNorm(row, Dimension);
    }

    /// <summary>Makes a stored vector live. The release write orders the vector and its links before the state.</summary>
    public void Publish(SlotColumns columns, int slot)
    {
        Volatile.Write(ref columns[StateColumn][slot], SlotState.Live);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Makes a stored vector ready for <see cref="Publish(ReadOnlySpan{int}, ReadOnlySpan{int}, Action{long})"/>.</summary>
    public void Prepare(SlotColumns columns, int slot)
    {
        Volatile.Write(ref columns[StateColumn][slot], SlotState.Arriving);
        Interlocked.Increment(ref _prepared);
    }

    /// <inheritdoc cref="SlotMoves.Publish"/>
    public void Publish(ReadOnlySpan<int> arriving, ReadOnlySpan<int> leaving, Action<long>? stamp)
    {
        Moves.Publish(Columns[StateColumn], arriving, leaving, ref _count, stamp);
        Interlocked.Add(ref _prepared, -arriving.Length);
    }

    /// <summary>Returns the filter with the version that a search sees: its own, or the newest.</summary>
    public SlotFilter Pinned(SlotFilter filter) => filter.Version == 0 ? filter.At(Moves.Version) : filter;

    /// <summary>Returns whether a search of a version may return a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsVisible(byte* states, int slot, long version)
    {
        var state = Volatile.Read(ref states[slot]);
        return state == SlotState.Live || (state >= SlotState.Arriving && IsMoveVisible(slot, version));
    }

    /// <summary>Marks a live slot as deleted; false when it is not live. One of several concurrent calls succeeds.</summary>
    public bool TryMarkDeleted(SlotColumns columns, int slot)
    {
        if (Interlocked.CompareExchange(ref columns[StateColumn][slot], SlotState.Deleted, SlotState.Live) != SlotState.Live)
            return false;
        Interlocked.Decrement(ref _count);
        return true;
    }

    // A move that has ended since the state was read has left its outcome in the newest columns.
    private bool IsMoveVisible(int slot, long version) =>
        Moves.Contains(slot, version) ?? Volatile.Read(ref Columns[StateColumn][slot]) == SlotState.Live;

    /// <summary>Queues slots for reuse, which begins once every reader that may have seen them has left.</summary>
    public void Release(ReadOnlySpan<int> slots)
    {
        var epoch = Epochs.Advance();
        lock (_allocation)
        {
            foreach (var slot in slots)
                _free.Enqueue((slot, epoch));
        }
    }

    /// <summary>Makes room when the table is full. Enters <see cref="Writers"/> as the writer.</summary>
    public void Grow()
    {
        Writers.EnterWriteLock();
        try
        {
            var old = Columns;
            if (_limit < old.Capacity)
                return;
            var capacity = (int)Math.Clamp(old.Capacity * (long)GrowthFactor, LargeCapacity, Array.MaxLength);
            if (capacity == old.Capacity)
                throw new InvalidOperationException($"The index is full: it holds {capacity} vectors.");
            Replace(old.CopyTo(capacity, _limit));
            Epochs.Retire(old.Dispose);
        }
        finally
        {
            Writers.ExitWriteLock();
        }
    }

    /// <summary>Replaces the memory. The caller is the writer of <see cref="Writers"/> and retires what only the old columns use.</summary>
    public void Replace(SlotColumns columns) => Volatile.Write(ref _columns, columns);

    /// <summary>Sets the counts of a new table whose columns a snapshot has filled.</summary>
    public void Restore(int limit, int count) => (_limit, _count) = (limit, count);

    /// <summary>Waits for writers and readers to leave, then frees the memory.</summary>
    public void Dispose()
    {
        Writers.EnterWriteLock();
        Writers.ExitWriteLock();
        Epochs.Close();
        _columns.Dispose();
        Writers.Dispose();
    }
}
