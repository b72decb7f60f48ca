using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>
/// Ends re-ranking: at the first candidate whose code says, with a three-sigma error, that its floats cannot be nearer than the farthest
/// result kept.
/// </summary>
/// <remarks>
/// Rounding moves every coordinate of both vectors by up to half a step, with a variance of 1/12 squared step. Their squared distance gains
/// 1/6 squared step per dimension, and deviates by sqrt(1/6) steps along the direction of the difference.
/// </remarks>
internal readonly struct RerankLimit
{
    private const double Sigmas = 3;

    // Under the inner product the error depends on both lengths; a fixed multiple of the results is scored.
    private const int ProductFactor = 3, MinProducts = 16;

    private readonly DistanceMetric _metric;
    private readonly double _inverseSquaredStep;
    private readonly double _bias;
    private readonly int _min;

    public RerankLimit(CodeBook? book, DistanceMetric metric, int dimension, int results)
    {
        _metric = metric;
        if (book is null || book.Step <= 0)
        {
            _min = results;
            return;
        }

        _min = metric == DistanceMetric.InnerProduct ? Math.Max(MinProducts, results * ProductFactor) : results;
        _inverseSquaredStep = 1 / ((double)book.Step * book.Step);
        _bias = dimension / 6.0;
    }

    /// <summary>Returns whether re-ranking ends before the live candidate at <paramref name="rank"/>.</summary>
    public bool IsPast(int rank, uint key, float bound)
    {
        if (rank < _min)
            return false;
        if (_inverseSquaredStep == 0 || _metric == DistanceMetric.InnerProduct)
            return true;
        // On normalized vectors the squared distance is twice the cosine distance.
        var squares = (_metric == DistanceMetric.Cosine ? 2.0 : 1.0) * bound * _inverseSquaredStep;
        return key > squares + _bias + (Sigmas * 2 * Math.Sqrt(squares / 6));
    }
}
