using Data.Vector.Distance;

namespace Data.Vector.Collections;

/// <summary>Rejects vectors that have no meaningful distances.</summary>
internal static class VectorGuard
{
    // Between these norms the square of a norm is a normal float, so no distance underflows to zero or overflows to infinity.
    private const double MinNorm = 1e-18;
    private const double MaxNorm = 1e18;

    /// <summary>Returns why a vector is rejected, to follow "the vector …"; null when it is valid.</summary>
    public static string? Refusal(ReadOnlySpan<float> vector, int dimensions, DistanceMetric metric)
    {
        if (vector.IsEmpty || (vector.Length != dimensions && dimensions != 0))
            return $"has {vector.Length} values; the collection needs {dimensions}";

        var squares = SumOfSquares(vector);
        if (squares is > MinNorm * MinNorm and < MaxNorm * MaxNorm)
            return null;

        for (var i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i]))
                return $"contains {(float.IsNaN(vector[i]) ? "NaN" : "an infinity")} at index {i}; every value must be finite";
        }

        if (squares >= MaxNorm * MaxNorm)
            return $"is longer than {MaxNorm:0e0}: its distances would overflow; scale the data";

        return metric == DistanceMetric.Cosine
            ? "is zero (shorter than 1e-18): under the cosine metric it has no direction; use L2 or InnerProduct, or leave the record out"
            : null;
    }

    private static unsafe double SumOfSquares(ReadOnlySpan<float> vector)
    {
        fixed (float* values = vector)
            return FloatKernels.SumOfSquares(values, vector.Length);
    }
}
