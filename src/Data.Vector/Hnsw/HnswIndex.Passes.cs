using Data.Vector.Distance;
using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    /// <summary>Fills a pool by codes where the index has them, by floats where not.</summary>
    private CandidatePool Run(in GraphView graph, float* query, SearchScratch scratch, Pass pass)
    {
        if (graph.Book is { } book)
        {
            var factor = Metric == DistanceMetric.Cosine ? FloatKernels.InverseNorm(query, Dimension) : 1f;
            book.EncodeQuery(query, factor, scratch.Code);
            return Metric == DistanceMetric.InnerProduct
                ? Run(graph, new CodeDotScorer(scratch.Code, graph.Codes, CodeBytes), scratch, pass)
                : Run(graph, new CodeL2Scorer(scratch.Code, graph.Codes, CodeBytes), scratch, pass);
        }

        return Metric == DistanceMetric.L2
            ? Run(graph, new FloatL2Scorer(query, graph.Floats, Dimension), scratch, pass)
            : Run(
                graph,
                DotScorer(graph, query, Metric == DistanceMetric.Cosine ? FloatKernels.InverseNorm(query, Dimension) : 1),
                scratch,
                pass);
    }

    private FloatDotScorer DotScorer(in GraphView graph, float* query, float scale) =>
        new(query, scale, graph.Floats, Metric == DistanceMetric.Cosine ? graph.InverseNorms : null, Dimension);

    private static CandidatePool Run<TScorer>(in GraphView graph, TScorer scorer, SearchScratch scratch, Pass pass)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var pool = new CandidatePool(scratch.Pool, pass.Size);
        if (pass.Entry.Exists)
        {
            var start = GraphWalk.Descend(graph, scorer, pass.Entry.Slot, pass.Entry.Level, 0);
            GraphWalk.Spread(graph, scorer, scratch, ref pool, start, 0);
        }
        else
        {
            Scan(graph, scorer, scratch, ref pool, pass.Filter);
        }

        return pool;
    }

    private static void Scan<TScorer>(in GraphView graph, TScorer scorer, SearchScratch scratch, ref CandidatePool pool, SlotFilter filter)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var count = 0;
        foreach (var slot in new LiveSlots(graph.States, graph.Limit, filter))
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
        pool.Insert(scratch.Near, pool.Sift(scratch.Batch, scratch.Keys, count, scratch.Near, out _));
    }

    /// <summary>One way of filling a pool: a walk from the entry point, or, without one, a scan of what the filter allows.</summary>
    private readonly ref struct Pass(int size, EntryPoint entry)
    {
        public int Size { get; } = size;

        public EntryPoint Entry { get; } = entry;

        public SlotFilter Filter { get; init; }
    }
}
