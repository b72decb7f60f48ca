using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>
/// How far down a walk's candidates exact scoring must go: until the next one's code says that its floats cannot be nearer than the
/// farthest result kept, but for a three-sigma error.
/// </summary>
/// <remarks>
/// Rounding moves every coordinate of both vectors by up to half a step, a twelfth of a squared step on average. Their difference thus
/// gains a sixth per dimension in square, and a deviation of sqrt(1/6) steps along its own direction.
/// </remarks>
internal readonly struct RerankLimit
{
    private const double Sigmas = 3;

    // Under the inner product the error depends on both lengths; a fixed multiple of the results serves.
    private const int ProductFactor = 3, MinProducts = 16;

    private readonly DistanceMetric _metric;
    private readonly double _inverseSquaredStep;
    private readonly double _bias;
    private readonly int _least;

    public RerankLimit(CodeBook? book, DistanceMetric metric, int dimension, int results)
    {
        _metric = metric;
        if (book is null || book.Step <= 0)
        {
            _least = results;
            return;
        }

        _least = metric == DistanceMetric.InnerProduct ? Math.Max(MinProducts, results * ProductFactor) : results;
        _inverseSquaredStep = 1 / ((double)book.Step * book.Step);
        _bias = dimension / 6.0;
    }

    /// <summary>Whether the candidate at <paramref name="rank"/> among the live ones need not be scored, nor any after it.</summary>
    public bool IsPast(int rank, uint key, float bound)
    {
        if (rank < _least)
            return false;
        if (_inverseSquaredStep == 0 || _metric == DistanceMetric.InnerProduct)
            return true;
        // On normalised vectors the squared distance is twice the cosine distance.
        var squares = (_metric == DistanceMetric.Cosine ? 2.0 : 1.0) * bound * _inverseSquaredStep;
        return key > squares + _bias + (Sigmas * 2 * Math.Sqrt(squares / 6));
    }
}
