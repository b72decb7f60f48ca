using Data.Vector.Distance;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>
/// Ends re-ranking: at the first candidate whose code says, with a three-sigma error, that its floats cannot be nearer than the farthest
/// result kept.
/// </summary>
/// <remarks>
/// Rounding moves every coordinate of both vectors by up to half a step, with a variance of 1/12 squared step. Their squared distance gains
/// 1/6 squared step per dimension, and deviates by sqrt(1/6) steps along the direction of the difference. Under the inner product the error
/// depends on the lengths of both vectors, and clipping shortens the longest ones: it is estimated from the candidates scored before. It
/// deviates by at least the length of the query times sqrt(1/12) steps.
/// </remarks>
internal unsafe struct RerankLimit
{
    private const double Sigmas = 3;

    // An estimate of the error needs some candidates.
    private const int MinProducts = 16;

    private readonly DistanceMetric _metric;
    private readonly double _scale;
    private readonly double _bias;
    private readonly double _leastVariance;
    private readonly int _min;
    private double _sum;
    private double _squares;
    private int _scored;

    public RerankLimit(CodeBook? book, DistanceMetric metric, int dimension, int results, float* query)
    {
        _metric = metric;
        _min = results;
        if (book is null || book.Step <= 0)
            return;
        var squaredStep = (double)book.Step * book.Step;
        if (metric == DistanceMetric.InnerProduct)
        {
            var factor = book.QueryFactor(query);
            _min = Math.Max(MinProducts, results);
            _scale = factor / squaredStep;
            _leastVariance = FloatKernels.SumOfSquares(query, dimension) * factor * factor / (12 * squaredStep);
        }
        else
        {
            // On normalized vectors the squared distance is twice the cosine distance.
            _scale = (metric == DistanceMetric.Cosine ? 2 : 1) / squaredStep;
            _bias = dimension / 6.0;
        }
    }

    /// <summary>Takes note of the error of a candidate's code.</summary>
    public void Observe(uint key, float distance)
    {
        if (_metric != DistanceMetric.InnerProduct || _scale == 0)
            return;
        var error = ((1 - (double)distance) * _scale) - Product(key);
        _sum += error;
        _squares += error * error;
        _scored++;
    }

    /// <summary>Returns whether re-ranking ends before the live candidate at <paramref name="rank"/>.</summary>
    public readonly bool IsPast(int rank, uint key, float bound)
    {
        if (rank < _min)
            return false;
        if (_scale == 0)
            return true;
        if (_metric == DistanceMetric.InnerProduct)
        {
            var mean = _sum / _scored;
            var deviation = Math.Sqrt(Math.Max(_leastVariance, (_squares / _scored) - (mean * mean)));
            return Product(key) + mean + (Sigmas * deviation) < (1 - (double)bound) * _scale;
        }

        var squares = bound * _scale;
        return key > squares + _bias + (Sigmas * 2 * Math.Sqrt(squares / 6));
    }

    private static double Product(uint key) => (double)CodeDotScorer.Top - key;
}
