using Data.Vector.Internal;
using Data.Vector.Storage;

namespace Data.Vector.Indexing;

/// <summary>
/// Numeric index of a collection: float vectors in dense integer slots. It knows no string ids, metadata or documents; the collection
/// maps slots to records.
/// </summary>
/// <remarks>
/// Every member is safe to call from many threads at once. A deleted slot may be reused for another vector, but not while a
/// <see cref="Pin"/> taken before the deletion is held: a caller that searches and then looks up records by slot does both under one pin.
/// Vectors are stored as they were added (cosine stores lengths in addition), so <see cref="GetVector"/> returns them bit for bit. The
/// caller has checked that values are finite and that, under cosine, no vector is zero.
/// </remarks>
internal abstract unsafe class VectorIndex : IDisposable
{
    private int _disposed;

    protected VectorIndex(int dimension, DistanceMetric metric, int capacity, ReadOnlySpan<int> ownStrides) =>
        Table = new SlotTable(dimension, metric, capacity, ownStrides);

    public int Dimension => Table.Dimension;

    public DistanceMetric Metric => Table.Metric;

    /// <summary>Live vectors.</summary>
    public int Count => Table.Count;

    /// <summary>One past the highest slot ever allocated: the size of bitsets and slot maps.</summary>
    public int SlotLimit => Table.Limit;

    protected SlotTable Table { get; }

    /// <summary>Which index a snapshot file holds.</summary>
    protected abstract int Kind { get; }

    /// <summary>
    /// Returns the unmanaged bytes in use, mapped ones included. Reserved addresses take no memory and do not count.
    /// </summary>
    /// <param name="mapped">The part backed by a file, which the system may evict.</param>
    public virtual long MemoryBytes(out long mapped)
    {
        using var pin = Pin();
        return Table.Columns.UsedBytes(SlotLimit, out mapped);
    }

    /// <summary>Keeps slots from being reused, and spans from <see cref="GetVector"/> valid, until it is disposed.</summary>
    public ReadPin Pin() => Table.Pin();

    /// <summary>The version that a search beginning now sees.</summary>
    public long Version => Table.Moves.Version;

    /// <summary>At least as many vectors as any search under way may return.</summary>
    public int VisibleBound => Table.VisibleBound;

    /// <summary>Returns whether the slot holds a live vector.</summary>
    public bool Contains(int slot) => Contains(slot, Version);

    /// <summary>Returns whether the slot holds a vector that searches of a version return.</summary>
    public bool Contains(int slot, long version)
    {
        using var pin = Pin();
        return (uint)slot < (uint)SlotLimit && Table.IsVisible(Table.Columns[SlotTable.StateColumn], slot, version);
    }

    /// <summary>Returns whether the slot holds exactly these values.</summary>
    public bool Holds(int slot, ReadOnlySpan<float> vector)
    {
        using var pin = Pin();
        return GetVector(slot).SequenceEqual(vector);
    }

    /// <summary>Returns a copy of the vector in a slot.</summary>
    public float[] CopyVector(int slot)
    {
        using var pin = Pin();
        return GetVector(slot).ToArray();
    }

    /// <summary>Returns the vector in a slot as it was added. The span is valid until the enclosing <see cref="Pin"/> ends.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slot was never allocated.</exception>
    public ReadOnlySpan<float> GetVector(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)SlotLimit, nameof(slot));
        return new ReadOnlySpan<float>((float*)Table.Columns[SlotTable.FloatColumn] + ((nint)slot * Dimension), Dimension);
    }

    /// <summary>Adds a vector and returns its slot. Searches that start after the call returns find it.</summary>
    public int Add(ReadOnlySpan<float> vector) => Add(vector, publish: true);

    /// <summary>Stores and links a vector that no search returns before its slot is published.</summary>
    public int Prepare(ReadOnlySpan<float> vector) => Add(vector, publish: false);

    /// <summary>Makes a write visible to the searches that begin from here on, in one step.</summary>
    /// <param name="arriving">Slots that have been prepared.</param>
    /// <param name="leaving">Slots that the write replaces or deletes.</param>
    /// <param name="stamp">Receives the version before any search can see it.</param>
    public void Publish(ReadOnlySpan<int> arriving, ReadOnlySpan<int> leaving, Action<long>? stamp = null)
    {
        Table.Writers.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            Table.Publish(arriving, leaving, stamp);
        }
        finally
        {
            Table.Writers.ExitReadLock();
        }
    }

    /// <summary>
    /// Ends a write whose version every search under way sees, and lets the index reuse the slots that left.
    /// </summary>
    public void Settle(ReadOnlySpan<int> arrived, ReadOnlySpan<int> left)
    {
        Table.Writers.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            var columns = Table.Columns;
            Table.Moves.Settle(columns[SlotTable.StateColumn], arrived, left);
            foreach (var slot in left)
                Unlink(columns, slot);
        }
        finally
        {
            Table.Writers.ExitReadLock();
        }

        foreach (var _ in left)
            AfterDelete();
    }

    /// <summary>
    /// Deletes the vector in a slot; returns false when the slot holds no live vector. Searches that start after the call returns do not
    /// return it.
    /// </summary>
    public bool Delete(int slot)
    {
        if (!TryDelete(slot))
            return false;
        AfterDelete();
        return true;
    }

    /// <summary>Returns the nearest live vectors that the filter allows, nearest first, ties by slot.</summary>
    /// <param name="query">The query, of length <see cref="Dimension"/>.</param>
    /// <param name="efSearch">Size of the candidate pool; raised to the number of results wanted. An exact index ignores it.</param>
    /// <param name="results">Receives the results; its length is k.</param>
    /// <param name="filter">The slots that may be returned.</param>
    /// <returns>How many were found.</returns>
    public abstract int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default);

    /// <summary>Appends every vector nearer than <paramref name="radius"/> (exclusive), nearest first.</summary>
    public abstract void SearchRange(
        ReadOnlySpan<float> query,
        float radius,
        int efSearch,
        List<Neighbor> results,
        SlotFilter filter = default);

    /// <summary>Searches exactly, whatever the index: the oracle that recall is measured against.</summary>
    internal int ScanExact(ReadOnlySpan<float> query, Span<Neighbor> results, SlotFilter filter = default) =>
        ExactScan.Search(Table, query, results, filter);

    /// <summary>
    /// Captures the index for writing. Waits for adds and deletes under way and blocks others while it copies a few bytes per slot; vectors
    /// and links are read later, from memory that the snapshot keeps.
    /// </summary>
    public IndexSnapshot BeginSnapshot()
    {
        Table.Writers.EnterWriteLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            var states = new ReadOnlySpan<byte>(Table.Columns[SlotTable.StateColumn], Table.Limit).ToArray();
            MarkReachable(states);
            states.AsSpan().Replace(SlotState.Unlinking, SlotState.Free);
            states.AsSpan().Replace(SlotState.Arriving, SlotState.Live);
            states.AsSpan().Replace(SlotState.Leaving, SlotState.Deleted);
            return SlotTableSnapshot.Capture(Table, Kind, states, Capture(states));
        }
        finally
        {
            Table.Writers.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Close();
        Table.Dispose();
    }

    /// <summary>Links a stored vector so that searches find it. Runs beside other adds and deletes.</summary>
    protected abstract void Link(SlotColumns columns, int slot);

    /// <summary>
    /// Takes note of a deleted vector. The index releases the slot, now or later, when nothing leads to it.
    /// </summary>
    protected abstract void Unlink(SlotColumns columns, int slot);

    /// <summary>Ends what runs in the background, before the memory is freed.</summary>
    protected virtual void Close()
    {
    }

    /// <summary>Runs after each add, outside the writers' lock.</summary>
    protected virtual void AfterAdd()
    {
    }

    /// <summary>Runs after each deletion, outside the writers' lock.</summary>
    protected virtual void AfterDelete()
    {
    }

    /// <summary>Changes the captured state of unlinking slots that something still leads to into <see cref="SlotState.Deleted"/>.</summary>
    protected virtual void MarkReachable(Span<byte> states)
    {
    }

    /// <summary>Captures the sections of the index; the result runs later, beside writers.</summary>
    protected virtual Action<SnapshotWriter> Capture(byte[] states) => static _ => { };

    private int Add(ReadOnlySpan<float> vector, bool publish)
    {
        Table.CheckDimension(vector);
        int slot;
        while (!TryAdd(vector, publish, out slot))
            Table.Grow();
        AfterAdd();
        return slot;
    }

    private bool TryAdd(ReadOnlySpan<float> vector, bool publish, out int slot)
    {
        Table.Writers.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            var columns = Table.Columns;
            if (!Table.TryAllocate(columns, out slot))
                return false;
            Table.Store(columns, slot, vector);
            Link(columns, slot);
            if (publish)
                Table.Publish(columns, slot);
            else
                Table.Prepare(columns, slot);
            return true;
        }
        finally
        {
            Table.Writers.ExitReadLock();
        }
    }

    private bool TryDelete(int slot)
    {
        Table.Writers.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            if ((uint)slot >= (uint)SlotLimit)
                return false;
            var columns = Table.Columns;
            if (!Table.TryMarkDeleted(columns, slot))
                return false;
            Unlink(columns, slot);
            return true;
        }
        finally
        {
            Table.Writers.ExitReadLock();
        }
    }
}
