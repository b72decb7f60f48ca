using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>The stored graph: the nodes in the slot table, the entry point, and the counts that all operations share.</summary>
/// <remarks>Safe to use from many threads. design.md states the invariants and which thread may change what.</remarks>
internal sealed unsafe class HnswGraph
{
    private readonly Lock _entryGate = new();
    private long _entry = EntryPoint.None.Pack();
    private int _upperUsed = 1;
    private int _deleted;

    public HnswGraph(HnswParameters parameters, SlotTable table)
    {
        parameters.Validate();
        Parameters = parameters;
        Table = table;
        CodeBytes = CodeBook.BytesFor(parameters.Dimension);
    }

    public HnswParameters Parameters { get; }

    public SlotTable Table { get; }

    /// <summary>Bytes of one code.</summary>
    public int CodeBytes { get; }

    /// <summary>Where searches begin.</summary>
    public EntryPoint Entry => EntryPoint.Unpack(Volatile.Read(ref _entry));

    /// <summary>Deleted nodes that links may still lead to.</summary>
    public int Deleted => Volatile.Read(ref _deleted);

    /// <summary>Bytes of upper lists that the table counts per slot and that no node uses: upper lists are allocated on demand.</summary>
    public long UnusedUpperBytes =>
        ((long)Table.Limit * GraphLayout.UpperBytesPerSlot) - ((long)Volatile.Read(ref _upperUsed) * sizeof(int));

    /// <summary>Returns the memory as a search or a write sees it; valid while the caller is pinned.</summary>
    public GraphView View()
    {
        // Before the columns: all slots below the limit are then in them.
        var limit = Table.Limit;
        return View(limit, Table.Columns);
    }

    public GraphView View(int limit, SlotColumns columns) => new(limit, columns, Parameters.M);

    /// <summary>Returns the factor that normalizes a vector before it is encoded: the reciprocal of its length under cosine.</summary>
    public float NormFactor(in GraphView view, int slot) => Parameters.Metric == DistanceMetric.Cosine ? view.InverseNorms[slot] : 1f;

    /// <summary>Makes a node the entry point of an empty graph; returns false when there is an entry point.</summary>
    public bool TryStart(int slot, int level)
    {
        lock (_entryGate)
        {
            if (Entry.Exists)
                return false;
            Volatile.Write(ref _entry, new EntryPoint(slot, level).Pack());
            return true;
        }
    }

    /// <summary>Makes a linked node the entry point when its level is the highest.</summary>
    public void RaiseEntry(int slot, int level)
    {
        lock (_entryGate)
        {
            if (level > Entry.Level)
                Volatile.Write(ref _entry, new EntryPoint(slot, level).Pack());
        }
    }

    /// <summary>Replaces an entry point that is being unlinked. The caller is the writer of <see cref="SlotTable.Writers"/>.</summary>
    public void ReplaceEntry(in GraphView view)
    {
        if (Entry is { Exists: true } entry && view.States[entry.Slot] == SlotState.Unlinking)
            Volatile.Write(ref _entry, HighestLive(view).Pack());
    }

    /// <summary>Allocates the upper lists of a node, empty but for the level; returns their block, 0 when there is no room.</summary>
    public int AllocateUpper(SlotColumns columns, in GraphView view, int level)
    {
        var length = 1 + (level * Parameters.M);
        var block = Interlocked.Add(ref _upperUsed, length) - length;
        if ((block + (long)length) * sizeof(int) > columns.Region(GraphLayout.UpperLinkColumn).Committed)
            return 0;
        view.UpperLinks[block] = level;
        return block;
    }

    public void AddDeleted(int count) => Interlocked.Add(ref _deleted, count);

    /// <summary>Sets the state of a new graph whose columns a snapshot has filled.</summary>
    public void Restore(EntryPoint entry, int upperUsed)
    {
        _entry = entry.Pack();
        _upperUsed = upperUsed;
        _deleted = new Span<byte>(Table.Columns[SlotTable.StateColumn], Table.Limit).Count(SlotState.Deleted);
    }

    private static EntryPoint HighestLive(in GraphView view)
    {
        var best = EntryPoint.None;
        for (var slot = 0; slot < view.Limit; slot++)
        {
            if (view.States[slot] is not (SlotState.Live or SlotState.Arriving or SlotState.Leaving))
                continue;
            var level = view.LevelOf(slot);
            if (!best.Exists || level > best.Level)
                best = new EntryPoint(slot, level);
        }

        return best;
    }
}
