using System.Runtime.CompilerServices;

namespace Data.Vector.Distance;

/// <summary>Scores stored float vectors against one query, in the distance that callers see.</summary>
internal readonly unsafe struct ExactScorer
{
    private readonly float* _query;
    private readonly float* _rows;
    private readonly float* _inverseNorms;
    private readonly int _dimension;
    private readonly DistanceMetric _metric;
    private readonly float _queryInverseNorm;

    /// <summary>Creates a scorer of one query.</summary>
    /// <param name="metric">The distance.</param>
    /// <param name="dimension">Floats in a row.</param>
    /// <param name="query">The query, pinned by the caller while this is in use.</param>
    /// <param name="rows">The stored vectors, one row per slot.</param>
    /// <param name="inverseNorms">One reciprocal length per slot; read under cosine only.</param>
    public ExactScorer(DistanceMetric metric, int dimension, float* query, float* rows, float* inverseNorms)
    {
        _metric = metric;
        _dimension = dimension;
        _query = query;
        _rows = rows;
        _inverseNorms = inverseNorms;
        _queryInverseNorm = metric == DistanceMetric.Cosine ? FloatKernels.InverseNorm(query, dimension) : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Score(int slot)
    {
        var row = _rows + ((nint)slot * _dimension);
        if (_metric == DistanceMetric.L2)
            return FloatKernels.SquaredL2(_query, row, _dimension);
        var dot = FloatKernels.Dot(_query, row, _dimension);
        // Rounding can make the cosine of a vector with itself exceed 1; distances are never negative.
        return _metric == DistanceMetric.InnerProduct ? 1 - dot : MathF.Max(0, 1 - (dot * _inverseNorms[slot] * _queryInverseNorm));
    }
}
