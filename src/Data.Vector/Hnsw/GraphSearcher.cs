using Data.Vector.Distance;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Telemetry;

namespace Data.Vector.Hnsw;

/// <summary>
/// Searches the graph: collects candidates by codes, widens the pool for filters and deleted nodes, re-ranks with the floats.
/// "Search" in design.md explains the method.
/// </summary>
internal sealed unsafe class GraphSearcher(HnswGraph graph, ScratchPool scratches)
{
    // Floats are far away: they are asked for this many candidates before they are scored.
    private const int PrefetchAhead = 4;

    // One place in a walk's pool costs as much as scoring this many nodes in a scan, which waits for no link. Measured with random filters
    // where the two take equally long (20,000 to 300,000 vectors of 128 dimensions, pools of 50 to 300, both data sets): 21 to 40, median
    // 32. There 10 to 30 % of the vectors pass, and at half or twice the factor the slower way takes at most about twice the time.
    private const int ScanFactor = 32;

    // The last places of a pool are the least certain: where some are dropped, this many times the results must remain.
    private const int CertaintyFactor = 2;

    private const int WidenFactor = 4;

    private readonly SlotTable _table = graph.Table;

    public int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter)
    {
        _table.CheckDimension(query);
        if (results.IsEmpty)
            return 0;
        using var pin = _table.Pin();
        filter = _table.Pinned(filter);
        var entry = graph.Entry;
        var allowed = Allowed(filter);
        if (!entry.Exists || allowed == 0)
            return 0;
        var view = graph.View();
        var scratch = scratches.Rent();
        try
        {
            fixed (float* floats = query)
            {
                var pool = Collect(view, floats, scratch, entry, Math.Max(efSearch, results.Length), results.Length, allowed, filter);
                return Rerank(view, floats, pool, results, filter.Version);
            }
        }
        finally
        {
            scratches.Return(scratch);
        }
    }

    public void SearchRange(ReadOnlySpan<float> query, float radius, int efSearch, List<Neighbor> results, SlotFilter filter)
    {
        _table.CheckDimension(query);
        using var pin = _table.Pin();
        filter = _table.Pinned(filter);
        var entry = graph.Entry;
        var allowed = Allowed(filter);
        if (!entry.Exists || allowed == 0)
            return;
        var view = graph.View();
        var scratch = scratches.Rent();
        var first = results.Count;
        try
        {
            fixed (float* floats = query)
            {
                var scorer = new ExactScorer(_table.Metric, _table.Dimension, floats, view.Floats, view.InverseNorms);
                for (var size = (long)Math.Max(efSearch, 1); IsWalkCheaper(size, allowed); size *= WidenFactor)
                {
                    results.RemoveRange(first, results.Count - first);
                    var pool = Collect(view, floats, scratch, entry, (int)size, (int)size / CertaintyFactor, allowed, filter);
                    AddNearer(view, scorer, pool, radius, results, filter.Version);
                    if ((results.Count - first) * CertaintyFactor > pool.Count)
                        continue;
                    results.Sort(first, results.Count - first, Comparer<Neighbor>.Default);
                    return;
                }
            }
        }
        finally
        {
            scratches.Return(scratch);
        }

        results.RemoveRange(first, results.Count - first);
        ExactScan.SearchRange(_table, query, radius, results, filter);
    }

    private void AddNearer(
        in GraphView view, ExactScorer scorer, CandidatePool pool, float radius, List<Neighbor> results, long version)
    {
        for (var i = 0; i < pool.Count; i++)
        {
            var slot = pool.Slot(i);
            if (_table.IsVisible(view.States, slot, version) && scorer.Score(slot) is var distance && distance < radius)
                results.Add(new Neighbor(slot, distance));
        }
    }

    private static bool IsWalkCheaper(long poolSize, int allowed) => poolSize * ScanFactor < allowed;

    private int Allowed(SlotFilter filter) =>
        filter.IsActive ? Math.Min(filter.CountAllowed(), _table.VisibleBound) : _table.VisibleBound;

    /// <summary>
    /// Returns the nearest nodes that may be returned, by their codes: about <paramref name="size"/>, and at least
    /// <paramref name="wanted"/> if there are so many.
    /// </summary>
    private CandidatePool Collect(
        in GraphView view, float* query, SearchScratch scratch, EntryPoint entry, int size, int wanted, int allowed, SlotFilter filter)
    {
        var nodes = _table.Count + (double)graph.Deleted;
        var enough = Math.Min(allowed, Math.Min(size, wanted * (long)CertaintyFactor));
        for (var wide = (long)(size * Math.Max(1, nodes / allowed)); IsWalkCheaper(wide, allowed); wide *= WidenFactor)
        {
            scratch.Prepare(view.Limit, (int)wide, graph.CodeBytes, 2 * view.M);
            var pool = PoolFill.Walk(graph, view, query, scratch, (int)wide, entry);
            var full = pool.IsFull;
            if (filter.IsActive || nodes > _table.Count || _table.Moves.Any)
                pool.Retain(_table, view.States, filter);
            if (pool.Count >= enough)
            {
                VectorTelemetry.Searched(VectorTelemetry.Walk);
                return pool;
            }

            if (!full)
                break;
        }

        VectorTelemetry.Searched(VectorTelemetry.Scan);
        var places = (int)Math.Min(Math.Max(size, enough), allowed);
        scratch.Prepare(view.Limit, places, graph.CodeBytes, 2 * view.M);
        return PoolFill.Scan(graph, view, query, scratch, places, filter);
    }

    /// <summary>Scores the nearest candidates with their floats, as far down as the error of the codes may have misplaced one.</summary>
    private int Rerank(in GraphView view, float* query, CandidatePool pool, Span<Neighbor> results, long version)
    {
        var dimension = _table.Dimension;
        var rowBytes = dimension * sizeof(float);
        var ahead = Math.Min(pool.Count, PrefetchAhead);
        for (var i = 0; i < ahead; i++)
            Prefetcher.Fetch((byte*)(view.Floats + ((nint)pool.Slot(i) * dimension)), rowBytes);

        var limit = new RerankLimit(view.Book, _table.Metric, dimension, results.Length, query);
        var scorer = new ExactScorer(_table.Metric, dimension, query, view.Floats, view.InverseNorms);
        var heap = new NeighborHeap(results);
        var rank = 0;
        for (var i = 0; i < pool.Count; i++)
        {
            var slot = pool.Slot(i);
            if (!_table.IsVisible(view.States, slot, version))
                continue;
            if (limit.IsPast(rank++, pool.Key(i), heap.Bound))
                break;
            if (i + PrefetchAhead < pool.Count)
                Prefetcher.Fetch((byte*)(view.Floats + ((nint)pool.Slot(i + PrefetchAhead) * dimension)), rowBytes);
            var distance = scorer.Score(slot);
            limit.Observe(pool.Key(i), distance);
            heap.Offer(new Neighbor(slot, distance));
        }

        return heap.Sort();
    }
}
