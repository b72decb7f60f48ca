using Data.Vector.Internal;
using Data.Vector.Storage;
using Data.Vector.Telemetry;

namespace Data.Vector.Indexing;

/// <summary>Exact search over every vector, for small collections.</summary>
internal sealed class FlatIndex(int dimension, DistanceMetric metric, int capacity = 0) : VectorIndex(dimension, metric, capacity, [])
{
    private const int SnapshotKind = 0;

    protected override int Kind => SnapshotKind;

    /// <summary>Opens a snapshot. Vectors keep the slots that they had when it was taken.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, of another kind, or of a newer version; the message names file and section.
    /// </exception>
    public static FlatIndex Open(string path)
    {
        using var reader = new SnapshotReader(path);
        var record = SlotRecord.Read(reader, SnapshotKind);
        var index = new FlatIndex(record.Dimension, (DistanceMetric)record.Metric, record.Limit);
        try
        {
            SlotTableSnapshot.Restore(index.Table, reader, record);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    public override int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default)
    {
        VectorTelemetry.Searched(VectorTelemetry.Scan);
        return ExactScan.Search(Table, query, results, filter);
    }

    public override void SearchRange(
        ReadOnlySpan<float> query,
        float radius,
        int efSearch,
        List<Neighbor> results,
        SlotFilter filter = default) =>
        ExactScan.SearchRange(Table, query, radius, results, filter);

    protected override void Link(SlotColumns columns, int slot)
    {
    }

    protected override unsafe void Unlink(SlotColumns columns, int slot)
    {
        Volatile.Write(ref columns[SlotTable.StateColumn][slot], SlotState.Unlinking);
        Table.Release([slot]);
    }
}
