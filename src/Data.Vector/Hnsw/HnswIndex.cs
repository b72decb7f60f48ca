using Data.Vector.Indexing;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

/// <summary>Approximate search by a hierarchical navigable small world graph (Malkov and Yashunin 2018).</summary>
internal sealed class HnswIndex(HnswParameters parameters) : VectorIndex(parameters.Dimension, parameters.Metric, parameters.Capacity, [])
{
    public override int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default) =>
        ScanExact(query, results, filter);

    public override void SearchRange(ReadOnlySpan<float> query, float radius, int efSearch, List<Neighbor> results, SlotFilter filter = default) =>
        ScanRangeExact(query, radius, results, filter);

    protected override void Link(SlotColumns columns, int slot)
    {
    }

    protected override void Unlink(SlotColumns columns, int slot) => Release(columns, slot);
}
