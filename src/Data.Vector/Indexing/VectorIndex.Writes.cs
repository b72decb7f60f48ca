using Data.Vector.Distance;
using Data.Vector.Internal;

namespace Data.Vector.Indexing;

internal abstract unsafe partial class VectorIndex
{
    /// <summary>Adds a vector and returns its slot. When the call returns, searches find it.</summary>
    public int Add(ReadOnlySpan<float> vector)
    {
        CheckQuery(vector);
        int slot;
        while (!TryAdd(vector, out slot))
            Grow();
        AfterAdd();
        return slot;
    }

    /// <summary>
    /// Adds many vectors, row by row, on up to <paramref name="parallelism"/> threads; <paramref name="slots"/> gets one slot a row.
    /// </summary>
    public void AddRange(ReadOnlyMemory<float> rows, Memory<int> slots, int parallelism)
    {
        var count = rows.Length / Dimension;
        if (count * Dimension != rows.Length)
            throw new ArgumentException($"The length is no multiple of {Dimension} dimensions.", nameof(rows));
        ArgumentOutOfRangeException.ThrowIfLessThan(slots.Length, count);
        InParallel(count, parallelism, row => slots.Span[row] = Add(rows.Span.Slice(row * Dimension, Dimension)));
    }

    /// <summary>
    /// Removes a slot; false when it holds no live vector. When the call returns, no search that starts later returns it.
    /// </summary>
    public bool Delete(int slot)
    {
        if (!TryDelete(slot))
            return false;
        AfterDelete();
        return true;
    }

    /// <summary>Makes a stored vector findable. Runs beside other adds and deletes.</summary>
    protected abstract void Link(SlotColumns columns, int slot);

    /// <summary>
    /// Takes a deleted vector out; gives the slot back by <see cref="Release"/>, now or later, when nothing leads to the slot any more.
    /// </summary>
    protected abstract void Unlink(SlotColumns columns, int slot);

    /// <summary>Runs after each add, outside the writers' lock.</summary>
    protected virtual void AfterAdd()
    {
    }

    /// <summary>Runs after each deletion, outside the writers' lock.</summary>
    protected virtual void AfterDelete()
    {
    }

    /// <summary>Puts a new table in place; the caller holds the writers' lock alone.</summary>
    protected void Replace(SlotColumns columns) => Volatile.Write(ref _columns, columns);

    /// <summary>Gives slots back for reuse, once every reader that may have seen them has left.</summary>
    protected void Release(ReadOnlySpan<int> slots)
    {
        var epoch = Epochs.Advance();
        lock (_allocation)
        {
            foreach (var slot in slots)
                _free.Enqueue((slot, epoch));
        }
    }

    private bool TryDelete(int slot)
    {
        _writers.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            if ((uint)slot >= (uint)SlotLimit)
                return false;
            var columns = Columns;
            ref var state = ref columns[StateColumn][slot];
            if (Interlocked.CompareExchange(ref state, SlotState.Deleted, SlotState.Live) != SlotState.Live)
                return false;
            Interlocked.Decrement(ref _count);
            Unlink(columns, slot);
            return true;
        }
        finally
        {
            _writers.ExitReadLock();
        }
    }

    private bool TryAdd(ReadOnlySpan<float> vector, out int slot)
    {
        _writers.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            var columns = Columns;
            if (!TryAllocate(columns, out slot))
                return false;
            Store(columns, slot, vector);
            Link(columns, slot);
            Volatile.Write(ref columns[StateColumn][slot], SlotState.Live);
            Interlocked.Increment(ref _count);
            return true;
        }
        finally
        {
            _writers.ExitReadLock();
        }
    }

    private void Store(SlotColumns columns, int slot, ReadOnlySpan<float> vector)
    {
        var row = Row(columns, slot);
        vector.CopyTo(new Span<float>(row, Dimension));
        if (Metric == DistanceMetric.Cosine)
            ((float*)columns[NormColumn])[slot] = FloatKernels.InverseNorm(row, Dimension);
    }

    private bool TryAllocate(SlotColumns columns, out int slot)
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

    private void Grow()
    {
        _writers.EnterWriteLock();
        try
        {
            var old = Columns;
            if (_limit < old.Capacity)
                return;
            // Eightfold: addresses cost nothing, and a copy of a full table should be rare.
            var capacity = (int)Math.Min(old.Capacity * 8L, Array.MaxLength);
            if (capacity == old.Capacity)
                throw new InvalidOperationException($"The index is full: it holds {capacity} vectors.");
            Volatile.Write(ref _columns, old.CopyTo(capacity, _limit));
            Epochs.Retire(old.Dispose);
        }
        finally
        {
            _writers.ExitWriteLock();
        }
    }
}
