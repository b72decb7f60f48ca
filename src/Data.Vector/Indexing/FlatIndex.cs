using Data.Vector.Internal;

namespace Data.Vector.Indexing;

/// <summary>Exact search over every vector: for small collections, and the oracle that recall is measured against.</summary>
internal sealed class FlatIndex(int dimension, DistanceMetric metric, int capacity = 0) : VectorIndex(dimension, metric, capacity, [])
{
    public override int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default) =>
        ScanExact(query, results, filter);

    public override void SearchRange(ReadOnlySpan<float> query, float radius, int efSearch, List<Neighbor> results, SlotFilter filter = default) =>
        ScanRangeExact(query, radius, results, filter);

    protected override void Link(SlotColumns columns, int slot)
    {
    }

    protected override void Unlink(SlotColumns columns, int slot) => Release([slot]);
}
