using System.Runtime.InteropServices;
using Data.Vector.Storage;

namespace Data.Vector.Indexing;

/// <summary>Writes a slot table to a snapshot and fills a new table from one.</summary>
internal static unsafe class SlotTableSnapshot
{
    private const string States = "states", Norms = "norms", Floats = "floats";

    /// <summary>
    /// Captures the table; the caller is the writer of <see cref="SlotTable.Writers"/>. The columns are written later, beside writers: the
    /// snapshot's pin keeps the memory and the slots.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="kind">Which index the file holds.</param>
    /// <param name="states">
    /// The states of all slots. Within a file <see cref="SlotState.Free"/> is a slot that may be reused, so unlinked slots become free.
    /// </param>
    /// <param name="own">Writes the sections of the index.</param>
    public static IndexSnapshot Capture(SlotTable table, int kind, byte[] states, Action<SnapshotWriter> own)
    {
        var columns = table.Columns;
        var cosine = table.Metric == DistanceMetric.Cosine;
        var rowBytes = table.Dimension * sizeof(float);
        var record = new SlotRecord
        {
            Kind = kind,
            Dimension = table.Dimension,
            Metric = (int)table.Metric,
            Limit = table.Limit,
            Count = table.Count,
        };
        return new IndexSnapshot(table.Pin(), record.Count, writer =>
        {
            writer.Section(SlotRecord.Section, w => w.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<SlotRecord>(in record))));
            writer.Section(States, w => w.Append(states));
            own(writer);
            if (cosine)
                writer.Section(Norms, w => w.Append(columns[SlotTable.NormColumn], (long)record.Limit * sizeof(float)));
            writer.Section(Floats, w => w.Append(columns[SlotTable.FloatColumn], (long)record.Limit * rowBytes));
        });
    }

    /// <summary>Fills a new table. Maps the floats where the system supports it. Verifies every section before it returns.</summary>
    public static void Restore(SlotTable table, SnapshotReader reader, SlotRecord record)
    {
        var columns = table.Columns;
        var floats = columns[SlotTable.FloatColumn];
        var floatBytes = (long)record.Limit * columns.Stride(SlotTable.FloatColumn);
        var (offset, _) = reader.Locate(Floats, floatBytes);
        var mapped = columns.Region(SlotTable.FloatColumn).TryMap(reader.File, offset, floatBytes);
        columns.Commit(record.Limit);
        if (mapped)
            reader.Verify(Floats, floats);
        else
            reader.Read(Floats, floats, floatBytes);
        if (table.Metric == DistanceMetric.Cosine)
            reader.Read(Norms, columns[SlotTable.NormColumn], (long)record.Limit * sizeof(float));
        reader.Read(States, columns[SlotTable.StateColumn], record.Limit);
        table.Restore(record.Limit, record.Count);
        var states = new Span<byte>(columns[SlotTable.StateColumn], record.Limit);
        if (states.Count(SlotState.Live) != record.Count)
            throw reader.Damage(States, "the live ones are not as many as recorded");
        ReleaseFree(table, states);
    }

    private static void ReleaseFree(SlotTable table, Span<byte> states)
    {
        var free = new List<int>();
        for (var slot = 0; slot < states.Length; slot++)
        {
            if (states[slot] != SlotState.Free)
                continue;
            states[slot] = SlotState.Unlinking;
            free.Add(slot);
        }

        if (free.Count > 0)
            table.Release(CollectionsMarshal.AsSpan(free));
    }
}
