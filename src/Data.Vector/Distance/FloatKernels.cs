using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Data.Vector.Distance;

/// <summary>
/// Exact float distances on the widest SIMD vectors of the processor; <see cref="ScalarKernels"/> is their oracle. The conditions are
/// constants to the JIT: no branch remains.
/// </summary>
internal static unsafe class FloatKernels
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SquaredL2(float* a, float* b, int length)
    {
        if (Vector512.IsHardwareAccelerated)
            return FloatKernels512.SquaredL2(a, b, length);
        if (Vector256.IsHardwareAccelerated)
            return FloatKernels256.SquaredL2(a, b, length);
        return Vector128.IsHardwareAccelerated ? FloatKernels128.SquaredL2(a, b, length) : ScalarKernels.SquaredL2(a, b, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int length)
    {
        if (Vector512.IsHardwareAccelerated)
            return FloatKernels512.Dot(a, b, length);
        if (Vector256.IsHardwareAccelerated)
            return FloatKernels256.Dot(a, b, length);
        return Vector128.IsHardwareAccelerated ? FloatKernels128.Dot(a, b, length) : ScalarKernels.Dot(a, b, length);
    }

    /// <summary>
    /// Returns the reciprocal of the vector's length; 0 for the zero vector, whose cosine distance to any vector is then 1.
    /// </summary>
    public static float InverseNorm(float* a, int length)
    {
        var sum = SumOfSquares(a, length);
        return sum > 0 ? (float)(1 / Math.Sqrt(sum)) : 0f;
    }

    /// <summary>
    /// Returns the sum of squares in double precision: in single precision squares of large values overflow, and those of small ones
    /// underflow.
    /// </summary>
    public static double SumOfSquares(float* a, int length)
    {
        Vector256<double> s0 = default, s1 = default;
        var i = 0;
        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Load(a + i));
            s0 += lower * lower;
            s1 += upper * upper;
        }

        var sum = Vector256.Sum(s0 + s1);
        return ScalarKernels.SumOfSquares(a + i, length - i, sum);
    }
}
