using Data.Vector.Distance;
using Data.Vector.Internal;

namespace Data.Vector.Indexing;

internal abstract unsafe partial class VectorIndex
{
    /// <summary>Exact search: scores every live vector that the filter allows.</summary>
    internal int ScanExact(ReadOnlySpan<float> query, Span<Neighbor> results, SlotFilter filter = default)
    {
        CheckQuery(query);
        using var pin = Pin();
        var limit = SlotLimit;
        var columns = Columns;
        var heap = new NeighborHeap(results);
        fixed (float* pinned = query)
        {
            var scorer = Scorer(columns, pinned);
            foreach (var slot in new LiveSlots(columns[StateColumn], limit, filter))
            {
                var distance = scorer.Score(slot);
                if (distance <= heap.Bound)
                    heap.Offer(new Neighbor(slot, distance));
            }
        }

        return heap.Sort();
    }

    /// <summary>Exact range search: everything nearer than the radius.</summary>
    internal void ScanRangeExact(ReadOnlySpan<float> query, float radius, List<Neighbor> results, SlotFilter filter = default)
    {
        CheckQuery(query);
        using var pin = Pin();
        var limit = SlotLimit;
        var columns = Columns;
        var first = results.Count;
        fixed (float* pinned = query)
        {
            var scorer = Scorer(columns, pinned);
            foreach (var slot in new LiveSlots(columns[StateColumn], limit, filter))
            {
                var distance = scorer.Score(slot);
                if (distance < radius)
                    results.Add(new Neighbor(slot, distance));
            }
        }

        results.Sort(first, results.Count - first, Comparer<Neighbor>.Default);
    }

    protected ExactScorer Scorer(SlotColumns columns, float* query) =>
        new(Metric, Dimension, query, (float*)columns[FloatColumn], (float*)columns[NormColumn]);
}
