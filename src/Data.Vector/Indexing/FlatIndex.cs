using Data.Vector.Internal;
using Data.Vector.Storage;
using Data.Vector.Telemetry;

namespace Data.Vector.Indexing;

/// <summary>Exact search over every vector: for small collections, and the oracle that recall is measured against.</summary>
internal sealed class FlatIndex(int dimension, DistanceMetric metric, int capacity = 0) : VectorIndex(dimension, metric, capacity, [])
{
    protected override int Kind => 0;

    /// <summary>Opens a snapshot; slots are those of the moment it was taken.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind, or of a newer version; the message names file and
    /// section.</exception>
    public static FlatIndex Open(string path)
    {
        using var reader = new SnapshotReader(path);
        var record = SlotRecord.Read(reader, kind: 0);
        var index = new FlatIndex(record.Dimension, (DistanceMetric)record.Metric, record.Limit);
        try
        {
            index.Restore(reader, record);
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
        return ScanExact(query, results, filter);
    }

    public override void SearchRange(
        ReadOnlySpan<float> query,
        float radius,
        int efSearch,
        List<Neighbor> results,
        SlotFilter filter = default) =>
        ScanRangeExact(query, radius, results, filter);

    protected override void Link(SlotColumns columns, int slot)
    {
    }

    protected override unsafe void Unlink(SlotColumns columns, int slot)
    {
        Volatile.Write(ref columns[StateColumn][slot], SlotState.Leaving);
        Release([slot]);
    }
}
