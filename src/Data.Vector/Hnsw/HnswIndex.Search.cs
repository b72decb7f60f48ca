using Data.Vector.Distance;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Telemetry;

namespace Data.Vector.Hnsw;

// A walk knows nothing of filters and deletions: its pool is made as much wider as the share of nodes that may be returned is smaller, and
// what may not be returned is dropped afterwards. Thus dead nodes and nodes that the filter rejects still lead on, as they must where
// the query's own neighbourhood is rejected whole. Where the pool then holds too little (the filter goes with the place), it is widened
// again; where scoring all that is allowed costs no more than the walk would, that is done instead, and misses nothing.
internal sealed unsafe partial class HnswIndex
{
    // Floats are far away: they are asked for this many candidates before they are scored.
    private const int PrefetchAhead = 4;

    // A place in a walk's pool costs as much as scoring this many nodes in a scan, which waits for no link. Measured with random filters
    // where the two take equally long (20,000 to 300,000 vectors of 128 dimensions, pools of 50 to 300, both data sets): 21 to 40, in the
    // middle 32. There 10 to 30 % of the vectors pass, and at half or twice the factor the worse way is taken at no more than about twice
    // the time.
    private const int ScanFactor = 32;

    // A walk's last places are its least sure ones: where some are dropped, this many times the results must remain.
    private const int SureFactor = 2;

    private const int WidenFactor = 4;

    public override int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default)
    {
        CheckQuery(query);
        if (results.IsEmpty)
            return 0;
        using var pin = Pin();
        var entry = Entry;
        var allowed = Allowed(filter);
        if (!entry.Exists || allowed == 0)
            return 0;
        var graph = View();
        var scratch = _scratches.Rent();
        try
        {
            fixed (float* floats = query)
            {
                var pool = Collect(graph, floats, scratch, entry, Math.Max(efSearch, results.Length), results.Length, allowed, filter);
                return Rescore(graph, floats, pool, results);
            }
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    public override void SearchRange(
        ReadOnlySpan<float> query,
        float radius,
        int efSearch,
        List<Neighbor> results,
        SlotFilter filter = default)
    {
        CheckQuery(query);
        using var pin = Pin();
        var entry = Entry;
        var allowed = Allowed(filter);
        if (!entry.Exists || allowed == 0)
            return;
        var graph = View();
        var scratch = _scratches.Rent();
        var first = results.Count;
        try
        {
            fixed (float* floats = query)
            {
                var scorer = new ExactScorer(Metric, Dimension, floats, graph.Floats, graph.InverseNorms);
                for (var size = (long)Math.Max(efSearch, 1); IsWalkCheaper(size, allowed); size *= WidenFactor)
                {
                    results.RemoveRange(first, results.Count - first);
                    var pool = Collect(graph, floats, scratch, entry, (int)size, (int)size / SureFactor, allowed, filter);
                    AddNearer(scorer, pool, radius, results);
                    if ((results.Count - first) * SureFactor > pool.Count)
                        continue;
                    results.Sort(first, results.Count - first, Comparer<Neighbor>.Default);
                    return;
                }
            }
        }
        finally
        {
            _scratches.Return(scratch);
        }

        results.RemoveRange(first, results.Count - first);
        ScanRangeExact(query, radius, results, filter);
    }

    private static void AddNearer(ExactScorer scorer, CandidatePool pool, float radius, List<Neighbor> results)
    {
        for (var i = 0; i < pool.Count; i++)
        {
            var distance = scorer.Score(pool.Slot(i));
            if (distance < radius)
                results.Add(new Neighbor(pool.Slot(i), distance));
        }
    }

    private static bool IsWalkCheaper(long poolSize, int allowed) => poolSize * ScanFactor < allowed;

    private int Allowed(SlotFilter filter) => filter.IsActive ? Math.Min(filter.CountAllowed(), Count) : Count;

    /// <summary>
    /// The nearest nodes that may be returned, by their codes: about <paramref name="size"/>, and at least <paramref name="wanted"/> if
    /// there are.
    /// </summary>
    private CandidatePool Collect(
        in GraphView graph, float* query, SearchScratch scratch, EntryPoint entry, int size, int wanted, int allowed, SlotFilter filter)
    {
        var nodes = Count + (double)Volatile.Read(ref _dead);
        var enough = Math.Min(allowed, Math.Min(size, wanted * (long)SureFactor));
        for (var wide = (long)(size * Math.Max(1, nodes / allowed)); IsWalkCheaper(wide, allowed); wide *= WidenFactor)
        {
            scratch.Prepare(graph.Limit, (int)wide, CodeBytes, 2 * _parameters.M);
            var pool = Run(graph, query, scratch, new Pass((int)wide, entry));
            var full = pool.IsFull;
            if (filter.IsActive || nodes > Count)
                pool.Retain(graph.States, filter);
            if (pool.Count >= enough)
            {
                VectorTelemetry.Searched(VectorTelemetry.Walk);
                return pool;
            }

            if (!full)
                break;
        }

        VectorTelemetry.Searched(VectorTelemetry.Scan);
        var places = Math.Min(Math.Max(size, enough), allowed);
        scratch.Prepare(graph.Limit, (int)places, CodeBytes, 2 * _parameters.M);
        return Run(graph, query, scratch, new Pass((int)places, EntryPoint.None) { Filter = filter });
    }

    /// <summary>Scores the nearest candidates with their floats, as far down as the error of the codes may have misplaced one.</summary>
    private int Rescore(in GraphView graph, float* query, CandidatePool pool, Span<Neighbor> results)
    {
        var rowBytes = Dimension * sizeof(float);
        var ahead = Math.Min(pool.Count, PrefetchAhead);
        for (var i = 0; i < ahead; i++)
            Prefetcher.Fetch((byte*)(graph.Floats + ((nint)pool.Slot(i) * Dimension)), rowBytes);

        var limit = new RescoreLimit(graph.Book, Metric, Dimension, results.Length);
        var scorer = new ExactScorer(Metric, Dimension, query, graph.Floats, graph.InverseNorms);
        var heap = new NeighborHeap(results);
        var rank = 0;
        for (var i = 0; i < pool.Count; i++)
        {
            var slot = pool.Slot(i);
            if (Volatile.Read(ref graph.States[slot]) != SlotState.Live)
                continue;
            if (limit.IsPast(rank++, pool.Key(i), heap.Bound))
                break;
            if (i + PrefetchAhead < pool.Count)
                Prefetcher.Fetch((byte*)(graph.Floats + ((nint)pool.Slot(i + PrefetchAhead) * Dimension)), rowBytes);
            heap.Offer(new Neighbor(slot, scorer.Score(slot)));
        }

        return heap.Sort();
    }
}
