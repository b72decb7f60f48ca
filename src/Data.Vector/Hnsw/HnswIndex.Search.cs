using Data.Vector.Distance;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    // Floats are far away: they are asked for this many candidates before they are scored.
    private const int PrefetchAhead = 4;

    public override int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default)
    {
        CheckQuery(query);
        if (results.IsEmpty) return 0;
        using var pin = Pin();
        var entry = Entry;
        if (!entry.Exists) return 0;
        var graph = View();
        var size = Math.Max(efSearch, results.Length);
        var scratch = _scratches.Rent();
        try
        {
            scratch.Prepare(graph.Limit, size, CodeBytes, 2 * _parameters.M);
            fixed (float* floats = query)
            {
                var pool = Walk(graph, floats, scratch, entry, size);
                return Rescore(graph, floats, pool, results);
            }
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    public override void SearchRange(ReadOnlySpan<float> query, float radius, int efSearch, List<Neighbor> results, SlotFilter filter = default) =>
        ScanRangeExact(query, radius, results, filter);

    private CandidatePool Walk(in GraphView graph, float* query, SearchScratch scratch, EntryPoint entry, int size)
    {
        if (graph.Book is { } book)
        {
            var factor = Metric == DistanceMetric.Cosine ? FloatKernels.InverseNorm(query, Dimension) : 1f;
            book.EncodeQuery(query, factor, scratch.Code);
            return Metric == DistanceMetric.InnerProduct
                ? Walk(graph, new CodeDotScorer(scratch.Code, graph.Codes, CodeBytes), scratch, entry, size)
                : Walk(graph, new CodeL2Scorer(scratch.Code, graph.Codes, CodeBytes), scratch, entry, size);
        }

        return Metric == DistanceMetric.L2
            ? Walk(graph, new FloatL2Scorer(query, graph.Floats, Dimension), scratch, entry, size)
            : Walk(graph, new FloatDotScorer(query, graph.Floats, Metric == DistanceMetric.Cosine ? graph.InverseNorms : null, Dimension), scratch, entry, size);
    }

    private static CandidatePool Walk<TScorer>(in GraphView graph, TScorer scorer, SearchScratch scratch, EntryPoint entry, int size)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var pool = new CandidatePool(scratch.Pool, size);
        var start = GraphWalk.Descend(graph, scorer, entry.Slot, entry.Level, 0);
        GraphWalk.Spread(graph, scorer, scratch, ref pool, start, 0);
        return pool;
    }

    /// <summary>Scores the nearest live candidates with their floats, as far down as the error of the codes may have misplaced one.</summary>
    private int Rescore(in GraphView graph, float* query, CandidatePool pool, Span<Neighbor> results)
    {
        var rowBytes = Dimension * sizeof(float);
        var ahead = Math.Min(pool.Count, results.Length + PrefetchAhead);
        for (var i = 0; i < ahead; i++) Prefetcher.Fetch((byte*)(graph.Floats + ((nint)pool.Slot(i) * Dimension)), rowBytes);

        var limit = new RescoreLimit(graph.Book, Metric, Dimension, results.Length);
        var scorer = new ExactScorer(Metric, Dimension, query, graph.Floats, graph.InverseNorms);
        var heap = new NeighborHeap(results);
        var rank = 0;
        for (var i = 0; i < pool.Count; i++)
        {
            var slot = pool.Slot(i);
            if (Volatile.Read(ref graph.States[slot]) != SlotState.Live) continue;
            if (limit.IsPast(rank++, pool.Key(i), heap.Bound)) break;
            if (i + PrefetchAhead < pool.Count) Prefetcher.Fetch((byte*)(graph.Floats + ((nint)pool.Slot(i + PrefetchAhead) * Dimension)), rowBytes);
            heap.Offer(new Neighbor(slot, scorer.Score(slot)));
        }

        return heap.Sort();
    }
}
