using Data.Vector.Distance;
using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>
/// Fills a candidate pool for a query: by a walk from the entry point, or, without one, by a scan of what the filter allows.
/// </summary>
internal unsafe ref struct PoolFill : IScoredOperation
{
    private readonly ref readonly GraphView _view;
    private readonly SearchScratch _scratch;
    private readonly EntryPoint _entry;
    private readonly SlotFilter _filter;
    private readonly SlotTable _table;
    private CandidatePool _pool;

    private PoolFill(SlotTable table, in GraphView view, SearchScratch scratch, int size, EntryPoint entry, SlotFilter filter)
    {
        _table = table;
        _view = ref view;
        _scratch = scratch;
        _entry = entry;
        _filter = filter;
        _pool = new CandidatePool(scratch.Pool, size);
    }

    /// <summary>Walks the graph; the pool may hold nodes that the search must not return.</summary>
    public static CandidatePool Walk(
        HnswGraph graph, in GraphView view, float* query, SearchScratch scratch, int size, EntryPoint entry) =>
        Fill(graph, view, query, scratch, new PoolFill(graph.Table, view, scratch, size, entry, default));

    /// <summary>Scores every live node that the filter allows.</summary>
    public static CandidatePool Scan(
        HnswGraph graph, in GraphView view, float* query, SearchScratch scratch, int size, SlotFilter filter) =>
        Fill(graph, view, query, scratch, new PoolFill(graph.Table, view, scratch, size, EntryPoint.None, filter));

    public void Run<TScorer>(TScorer scorer)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        if (_entry.Exists)
        {
            var start = GraphWalk.Descend(_view, scorer, _entry.Slot, _entry.Level, 0);
            GraphWalk.SearchLayer(_view, scorer, _scratch, ref _pool, start, 0);
        }
        else
        {
            ScanLive(_table, _view, scorer, _scratch, ref _pool, _filter);
        }
    }

    private static void ScanLive<TScorer>(
        SlotTable table, in GraphView view, TScorer scorer, SearchScratch scratch, ref CandidatePool pool, SlotFilter filter)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var count = 0;
        foreach (var slot in new LiveSlots(table, view.States, view.Limit, filter))
        {
            scratch.Batch[count++] = slot;
            if (count < SearchScratch.ScanBatch)
                continue;
            Offer(scorer, scratch, count, ref pool);
            count = 0;
        }

        Offer(scorer, scratch, count, ref pool);
    }

    private static void Offer<TScorer>(TScorer scorer, SearchScratch scratch, int count, ref CandidatePool pool)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        SlotScoring.Score(scorer, scratch.Batch, count, scratch.Keys);
        pool.Insert(scratch.Near, pool.SelectNear(scratch.Batch, scratch.Keys, count, scratch.Near, out _));
    }

    private static CandidatePool Fill(HnswGraph graph, in GraphView view, float* query, SearchScratch scratch, PoolFill fill)
    {
        var parameters = graph.Parameters;
        var factor = parameters.Metric == DistanceMetric.Cosine ? FloatKernels.InverseNorm(query, parameters.Dimension) : 1f;
        view.Book?.EncodeQuery(query, factor, scratch.Code);
        ScorerChoice.Run(graph, view, scratch.Code, query, factor, ref fill);
        return fill._pool;
    }
}
