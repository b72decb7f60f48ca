using System.Runtime.InteropServices;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;
using Data.Vector.Storage;

namespace Data.Vector.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    private const int SnapshotKind = 1;

    protected override int Kind => SnapshotKind;

    /// <summary>
    /// Opens a snapshot; slots are those of the moment it was taken. Floats stay in the file, mapped, until they are written to.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind, or of a newer version; the message names file and
    /// section.</exception>
    public static HnswIndex Open(string path)
    {
        using var reader = new SnapshotReader(path);
        var slots = SlotRecord.Read(reader, SnapshotKind);
        var record = GraphRecord.Read(reader, slots);
        var index = new HnswIndex(record.Parameters(slots, reader));
        try
        {
            index.Restore(reader, slots);
            index.RestoreGraph(reader, slots, record);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    protected override void MarkPassable(Span<byte> states)
    {
        if (_sweep is not { } sweep)
            return;
        foreach (var slot in sweep.Leaving)
            states[slot] = SlotState.Deleted;
    }

    protected override Action<SnapshotWriter> Capture(SlotColumns columns, byte[] states)
    {
        var graph = View();
        var entry = Entry;
        var record = new GraphRecord
        {
            M = _parameters.M,
            EfConstruction = _parameters.EfConstruction,
            Quantization = (int)_parameters.Quantization,
            EntrySlot = entry.Slot,
            EntryLevel = entry.Level,
            NextCalibration = _nextCalibration,
            HasCodes = graph.Book is null ? 0 : 1,
            Seed = _parameters.Seed,
            CodeRange = graph.Book?.Range ?? 0,
            ClippedShare = graph.Book?.ClippedShare ?? 0,
        };
        return new GraphCapture(graph, record, states).Write;
    }

    private void RestoreGraph(SnapshotReader reader, SlotRecord slots, GraphRecord record)
    {
        var columns = Columns;
        var upperBytes = (long)record.UpperUsed * sizeof(int);
        if (upperBytes > columns.Region(_layout.UpperLinkColumn).Capacity)
            throw reader.Damage(GraphRecord.Section, "it has more upper links than fit");
        columns.Region(_layout.UpperLinkColumn).Commit(upperBytes);
        reader.Read("upper-blocks", columns[_layout.UpperBlockColumn], (long)slots.Limit * sizeof(int));
        reader.Read("upper-links", columns[_layout.UpperLinkColumn], upperBytes);
        reader.Read("links", columns[_layout.LinkColumn], (long)slots.Limit * columns.Stride(_layout.LinkColumn));
        if (record.HasCodes != 0)
        {
            var origins = MemoryMarshal.Cast<byte, float>(reader.Read("code-origins")).ToArray();
            if (origins.Length != Dimension)
                throw reader.Damage("code-origins", "it does not fit the dimension");
            reader.Read("codes", columns[_layout.CodeColumn], (long)slots.Limit * CodeBytes);
            var book = new CodeBook(Metric, origins, record.CodeRange) { ClippedShare = record.ClippedShare };
            Replace(columns.With(_layout.CodeColumn, columns.Region(_layout.CodeColumn), book));
        }

        _upperUsed = record.UpperUsed;
        _nextCalibration = record.NextCalibration;
        _dead = new Span<byte>(columns[StateColumn], slots.Limit).Count(SlotState.Deleted);
        _entry = new EntryPoint(record.EntrySlot, record.EntryLevel).Pack();
    }
}
