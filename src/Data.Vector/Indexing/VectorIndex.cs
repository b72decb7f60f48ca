using System.Runtime.CompilerServices;
using Data.Vector.Distance;
using Data.Vector.Internal;

namespace Data.Vector.Indexing;

/// <summary>
/// The numeric engine behind a collection: float vectors in dense integer slots, nothing else. It knows no string ids,
/// no metadata and no documents; the collection above maps slots to records.
/// </summary>
/// <remarks>
/// Every member is safe to call from many threads at once. A slot that is deleted may later be given to another vector;
/// it is never given away while a <see cref="Pin"/> taken before the deletion is held, so a caller that searches and then
/// looks its records up by slot does both under one pin. Vectors are kept as they came (cosine normalises on the side), so
/// <see cref="GetVector"/> returns what was added, bit for bit. The caller has checked finiteness and, under
/// cosine, that no vector is zero.
/// </remarks>
internal abstract unsafe partial class VectorIndex : IDisposable
{
    protected const int FloatColumn = 0, StateColumn = 1, NormColumn = 2, FirstOwnColumn = 3;
    private const int InitialCapacity = 1 << 18;

    // Adds and deletes enter as readers, what needs the table to itself (growing, capturing, recalibrating) as the writer. Searches do
    // neither.
    private readonly ReaderWriterLockSlim _writers = new(LockRecursionPolicy.NoRecursion);
    private readonly Lock _allocation = new();
    private readonly Queue<(int Slot, long Epoch)> _free = new();
    private SlotColumns _columns;
    private int _limit;
    private int _count;
    private int _disposed;

    protected VectorIndex(int dimension, DistanceMetric metric, int capacity, ReadOnlySpan<int> ownStrides)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Dimension = dimension;
        Metric = metric;
        _columns = new SlotColumns(
            [dimension * sizeof(float), sizeof(byte), metric == DistanceMetric.Cosine ? sizeof(float) : 0, .. ownStrides],
            Math.Max(capacity, InitialCapacity));
    }

    public int Dimension { get; }

    public DistanceMetric Metric { get; }

    /// <summary>Live vectors.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>One past the highest slot ever given out: the size to choose for bitsets and slot maps.</summary>
    public int SlotLimit => Volatile.Read(ref _limit);

    protected ReadEpochs Epochs { get; } = new();

    protected SlotColumns Columns => Volatile.Read(ref _columns);

    protected ReaderWriterLockSlim Writers => _writers;

    /// <summary>
    /// Unmanaged bytes that hold something, mapped ones included; <paramref name="mapped"/> is the part backed by a file, which the system
    /// may evict. What is only reserved ahead takes addresses, not memory.
    /// </summary>
    public virtual long MemoryBytes(out long mapped)
    {
        using var pin = Pin();
        return Columns.UsedBytes(SlotLimit, out mapped);
    }

    /// <summary>Keeps slots from being reused, and spans from <see cref="GetVector"/> valid, until it is disposed.</summary>
    public ReadPin Pin() => Epochs.Enter();

    /// <summary>Whether the slot holds a live vector.</summary>
    public bool Contains(int slot)
    {
        using var pin = Pin();
        return (uint)slot < (uint)SlotLimit && State(Columns, slot) == SlotState.Live;
    }

    /// <summary>The vector in a slot, as it was added. The span is valid until the enclosing <see cref="Pin"/> ends.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slot was never given out.</exception>
    public ReadOnlySpan<float> GetVector(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)SlotLimit, nameof(slot));
        return new ReadOnlySpan<float>(Row(Columns, slot), Dimension);
    }

    /// <summary>
    /// The nearest live vectors that the filter allows, nearest first, ties by slot; as many as fit in
    /// <paramref name="results"/>. Returns how many were found.
    /// </summary>
    /// <param name="query">The query, of length <see cref="Dimension"/>.</param>
    /// <param name="efSearch">Size of the candidate pool; raised to the number of results wanted. An exact index ignores it.</param>
    /// <param name="results">Receives the results; its length is k.</param>
    /// <param name="filter">Which slots may be returned.</param>
    public abstract int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default);

    /// <summary>
    /// Everything nearer than <paramref name="radius"/> (exclusive), nearest first, appended to <paramref name="results"/>.
    /// </summary>
    public abstract void SearchRange(
        ReadOnlySpan<float> query,
        float radius,
        int efSearch,
        List<Neighbor> results,
        SlotFilter filter = default);

    /// <summary>
    /// Searches for each row of <paramref name="queries"/> on up to <paramref name="parallelism"/> threads. Row i's results start at
    /// <c>i * k</c>; <paramref name="counts"/> gets how many each row found.
    /// </summary>
    public void SearchBatch(
        ReadOnlyMemory<float> queries,
        int k,
        int efSearch,
        Memory<Neighbor> results,
        Memory<int> counts,
        int parallelism)
    {
        var rows = queries.Length / Dimension;
        ArgumentOutOfRangeException.ThrowIfLessThan(counts.Length, rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(results.Length, rows * k);
        InParallel(rows, parallelism, row =>
            counts.Span[row] = Search(queries.Span.Slice(row * Dimension, Dimension), efSearch, results.Span.Slice(row * k, k)));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _writers.EnterWriteLock();
        _writers.ExitWriteLock();
        Epochs.Close();
        _columns.Dispose();
        _writers.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static byte State(SlotColumns columns, int slot) => Volatile.Read(ref columns[StateColumn][slot]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected float* Row(SlotColumns columns, int slot) => (float*)columns[FloatColumn] + ((nint)slot * Dimension);

    protected void CheckQuery(ReadOnlySpan<float> query)
    {
        if (query.Length != Dimension)
            throw new ArgumentException($"The vector has {query.Length} dimensions; the index holds {Dimension}.", nameof(query));
    }

    private static void InParallel(int count, int parallelism, Action<int> body)
    {
        if (parallelism <= 1 || count <= 1)
        {
            for (var i = 0; i < count; i++)
                body(i);
            return;
        }

        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = parallelism }, body);
    }
}
