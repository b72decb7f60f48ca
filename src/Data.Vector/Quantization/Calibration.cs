using Data.Vector.Distance;

namespace Data.Vector.Quantization;

/// <summary>Chooses a code book for a sample of the data.</summary>
internal static unsafe class Calibration
{
    // Shares of coordinates left inside the range that are tried: a narrow range makes finer steps, a wide one clips less.
    private static readonly double[] Shares = [1, 0.99999, 0.9999, 0.999, 0.998, 0.995, 0.99];

    /// <summary>The book with the least squared error on the sample: vectors row by row, normalised under cosine.</summary>
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
        foreach (var share in Shares)
        {
            var range = deviations[(int)((deviations.Length - 1) * share)];
            var error = SquaredError(deviations, range);
            if (error >= bestError)
                continue;
            best = range;
            bestError = error;
        }

        var clipped = deviations.Length - UpTo(deviations, best);
        return new CodeBook(metric, origins, best) { ClippedShare = deviations.Length == 0 ? 0 : (double)clipped / deviations.Length };
    }

    private static int UpTo(float[] sorted, float range)
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

    // Rounding errs by a twelfth of the squared step on average; clipping by what lies beyond the range.
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
