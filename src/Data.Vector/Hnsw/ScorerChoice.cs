using Data.Vector.Distance;

namespace Data.Vector.Hnsw;

/// <summary>An operation over slots that is compiled once per scorer.</summary>
internal interface IScoredOperation
{
    void Run<TScorer>(TScorer scorer)
        where TScorer : struct, ISlotScorer<TScorer>;
}

/// <summary>Chooses the scorer by metric and by whether the graph has codes, once per operation.</summary>
internal static unsafe class ScorerChoice
{
    /// <summary>Runs an operation with the scorer of a query.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="view">Its memory.</param>
    /// <param name="code">The query's code; read when the view has codes.</param>
    /// <param name="query">The query's floats; read when it has none.</param>
    /// <param name="scale">The reciprocal of the query's length; read under cosine without codes.</param>
    /// <param name="operation">What to run.</param>
    public static void Run<TOperation>(
        HnswGraph graph, in GraphView view, byte* code, float* query, float scale, ref TOperation operation)
        where TOperation : struct, IScoredOperation, allows ref struct
    {
        var metric = graph.Parameters.Metric;
        var dimension = graph.Parameters.Dimension;
        if (view.Book is not null)
        {
            RunCodes(graph, code, view.Codes, ref operation);
        }
        else if (metric == DistanceMetric.L2)
        {
            operation.Run(new FloatL2Scorer(query, view.Floats, dimension));
        }
        else
        {
            var norms = metric == DistanceMetric.Cosine ? view.InverseNorms : null;
            operation.Run(new FloatDotScorer(query, scale, view.Floats, norms, dimension));
        }
    }

    /// <summary>Runs an operation with a scorer of codes.</summary>
    public static void RunCodes<TOperation>(HnswGraph graph, byte* code, byte* codes, ref TOperation operation)
        where TOperation : struct, IScoredOperation, allows ref struct
    {
        if (graph.Parameters.Metric == DistanceMetric.InnerProduct)
            operation.Run(new CodeDotScorer(code, codes, graph.CodeBytes));
        else
            operation.Run(new CodeL2Scorer(code, codes, graph.CodeBytes));
    }

    /// <summary>Runs an operation with a stored vector as the query.</summary>
    public static void Run<TOperation>(HnswGraph graph, in GraphView view, int slot, ref TOperation operation)
        where TOperation : struct, IScoredOperation, allows ref struct =>
        Run(
            graph,
            view,
            view.Codes + ((nint)slot * graph.CodeBytes),
            view.Floats + ((nint)slot * graph.Parameters.Dimension),
            graph.NormFactor(view, slot),
            ref operation);
}
