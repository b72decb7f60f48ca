namespace Data.Vector.Indexing;

/// <summary>Exact search: scores every live vector that the filter allows.</summary>
internal static unsafe class ExactScan
{
    /// <summary>Returns the nearest vectors, nearest first, ties by slot; as many as fit in <paramref name="results"/>.</summary>
    public static int Search(SlotTable table, ReadOnlySpan<float> query, Span<Neighbor> results, SlotFilter filter)
    {
        table.CheckDimension(query);
        using var pin = table.Pin();
        filter = table.Pinned(filter);
        var limit = table.Limit;
        var columns = table.Columns;
        var heap = new NeighborHeap(results);
        fixed (float* pinned = query)
        {
            var scorer = table.Scorer(columns, pinned);
            foreach (var slot in new LiveSlots(table, columns[SlotTable.StateColumn], limit, filter))
            {
                var distance = scorer.Score(slot);
                if (distance <= heap.Bound)
                    heap.Offer(new Neighbor(slot, distance));
            }
        }

        return heap.Sort();
    }

    /// <summary>Appends everything nearer than <paramref name="radius"/>, nearest first.</summary>
    public static void SearchRange(SlotTable table, ReadOnlySpan<float> query, float radius, List<Neighbor> results, SlotFilter filter)
    {
        table.CheckDimension(query);
        using var pin = table.Pin();
        filter = table.Pinned(filter);
        var limit = table.Limit;
        var columns = table.Columns;
        var first = results.Count;
        fixed (float* pinned = query)
        {
            var scorer = table.Scorer(columns, pinned);
            foreach (var slot in new LiveSlots(table, columns[SlotTable.StateColumn], limit, filter))
            {
                var distance = scorer.Score(slot);
                if (distance < radius)
                    results.Add(new Neighbor(slot, distance));
            }
        }

        results.Sort(first, results.Count - first, Comparer<Neighbor>.Default);
    }
}
