namespace Data.Vector.Distance;

/// <summary>The distance of two vectors outside an index, as <see cref="ExactScorer"/> computes it inside one.</summary>
internal static unsafe class ExactDistance
{
    public static float Between(DistanceMetric metric, ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(right.Length, left.Length, nameof(right));
        fixed (float* a = left, b = right)
        {
            var inverseNorm = metric == DistanceMetric.Cosine ? FloatKernels.InverseNorm(b, right.Length) : 0;
            return new ExactScorer(metric, left.Length, a, b, &inverseNorm).Score(0);
        }
    }
}
