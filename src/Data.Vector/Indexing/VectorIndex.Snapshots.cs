using System.Runtime.InteropServices;
using Data.Vector.Internal;
using Data.Vector.Storage;

namespace Data.Vector.Indexing;

internal abstract unsafe partial class VectorIndex
{
    /// <summary>
    /// Captures the index for writing. Waits for the adds and deletes under way and holds off others for as long as it takes to copy a few
    /// bytes a slot; vectors and links are read later, from memory that the snapshot keeps.
    /// </summary>
    public IndexSnapshot BeginSnapshot()
    {
        _writers.EnterWriteLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            var columns = Columns;
            var states = new ReadOnlySpan<byte>(columns[StateColumn], _limit).ToArray();
            MarkPassable(states);
            // Within a file: 0 for a slot to use again, then live, then dead.
            foreach (ref var state in states.AsSpan())
                state = state == SlotState.Leaving ? SlotState.Free : state;
            var record = new SlotRecord { Kind = Kind, Dimension = Dimension, Metric = (int)Metric, Limit = _limit, Count = _count };
            var own = Capture(columns, states);
            return new IndexSnapshot(Pin(), _count, writer =>
            {
                writer.Section(SlotRecord.Section, w => w.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<SlotRecord>(in record))));
                writer.Section("states", w => w.Append(states));
                own(writer);
                if (Metric == DistanceMetric.Cosine)
                    writer.Section("norms", w => w.Append(columns[NormColumn], (long)record.Limit * sizeof(float)));
                writer.Section("floats", w => w.Append(columns[FloatColumn], (long)record.Limit * Dimension * sizeof(float)));
            });
        }
        finally
        {
            _writers.ExitWriteLock();
        }
    }

    /// <summary>Which index a file holds.</summary>
    protected abstract int Kind { get; }

    /// <summary>Turns the states of leaving slots that something still leads to into <see cref="SlotState.Deleted"/>.</summary>
    protected virtual void MarkPassable(Span<byte> states)
    {
    }

    /// <summary>Captures what the index has beside floats and states; called alone, and the result later, beside writers.</summary>
    protected virtual Action<SnapshotWriter> Capture(SlotColumns columns, byte[] states) => static _ => { };

    /// <summary>Fills a new index. Floats are mapped where the system allows it; all is checked before it is served.</summary>
    protected void Restore(SnapshotReader reader, SlotRecord record)
    {
        var columns = Columns;
        var floatBytes = (long)record.Limit * columns.Stride(FloatColumn);
        var (offset, _) = reader.Locate("floats", floatBytes);
        var mapped = columns.Region(FloatColumn).TryMap(reader.File, offset, floatBytes);
        columns.Commit(record.Limit);
        if (mapped)
            reader.Verify("floats", columns[FloatColumn]);
        else
            reader.Read("floats", columns[FloatColumn], floatBytes);
        if (Metric == DistanceMetric.Cosine)
            reader.Read("norms", columns[NormColumn], (long)record.Limit * sizeof(float));
        reader.Read("states", columns[StateColumn], record.Limit);
        _limit = record.Limit;
        _count = record.Count;
        var states = new Span<byte>(columns[StateColumn], record.Limit);
        if (states.Count(SlotState.Live) != record.Count)
            throw reader.Damage("states", "the live ones are not as many as recorded");
        var free = new List<int>();
        for (var slot = 0; slot < states.Length; slot++)
        {
            if (states[slot] != SlotState.Free)
                continue;
            states[slot] = SlotState.Leaving;
            free.Add(slot);
        }

        if (free.Count > 0)
            Release(CollectionsMarshal.AsSpan(free));
    }
}
