using Data.Vector.Distance;

namespace Data.Vector.Quantization;

/// <summary>Chooses the code book for a sample of the data.</summary>
internal static unsafe class Calibration
{
    // Quantiles that are tried as the range: a narrow range has finer steps, a wide one clips less. Under the inner product nothing is
    // clipped: the longest vectors are the nearest to most queries.
    private static readonly double[] Quantiles = [1, 0.99999, 0.9999, 0.999, 0.998, 0.995, 0.99], Whole = [1];

    /// <summary>Returns the book with the smallest squared error on the sample: vectors row by row, normalized under cosine.</summary>
    public static CodeBook Choose(DistanceMetric metric, int dimension, ReadOnlySpan<float> sample)
    {
        var rows = sample.Length / dimension;
        var origins = new float[dimension];
        if (metric != DistanceMetric.InnerProduct)
            Means(sample, origins);

        var deviations = new float[rows * dimension];
        for (var i = 0; i < deviations.Length; i++)
            deviations[i] = MathF.Abs(sample[i] - origins[i % dimension]);
        Array.Sort(deviations);

        var best = 0f;
        var bestError = double.PositiveInfinity;
        foreach (var quantile in metric == DistanceMetric.InnerProduct ? Whole : Quantiles)
        {
            var range = deviations[(int)((deviations.Length - 1) * quantile)];
            var error = SquaredError(deviations, range);
            if (error >= bestError)
                continue;
            best = range;
            bestError = error;
        }

        var clipped = deviations.Length - CountUpTo(deviations, best);
        return new CodeBook(metric, origins, best) { ClippedShare = deviations.Length == 0 ? 0 : (double)clipped / deviations.Length };
    }

    private static int CountUpTo(float[] sorted, float range)
    {
        var count = sorted.Length;
        while (count > 0 && sorted[count - 1] > range)
            count--;
        return count;
    }

    private static void Means(ReadOnlySpan<float> sample, float[] means)
    {
        var sums = new double[means.Length];
        for (var i = 0; i < sample.Length; i++)
            sums[i % means.Length] += sample[i];
        var rows = sample.Length / means.Length;
        for (var i = 0; i < means.Length; i++)
            means[i] = (float)(sums[i] / rows);
    }

    // The mean squared error of rounding is 1/12 squared step; that of clipping is the squared excess over the range.
    private static double SquaredError(float[] sorted, float range)
    {
        var step = range / (CodeKernels.Centre - 1);
        var error = sorted.Length * ((double)step * step / 12);
        for (var i = sorted.Length - 1; i >= 0 && sorted[i] > range; i--)
        {
            var excess = (double)sorted[i] - range;
            error += excess * excess;
        }

        return error;
    }
}
