using System.Runtime.Intrinsics;

namespace Data.Vector.Distance;

/// <summary>Float kernels on 512-bit vectors (AVX-512).</summary>
internal static unsafe class FloatKernels512
{
    private const int Width = 16;

    public static float SquaredL2(float* a, float* b, int length)
    {
        // Four sums: a single one waits for the latency of each fused multiply-add.
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i <= length - (4 * Width); i += 4 * Width)
        {
            var d0 = Vector512.Load(a + i) - Vector512.Load(b + i);
            var d1 = Vector512.Load(a + i + Width) - Vector512.Load(b + i + Width);
            var d2 = Vector512.Load(a + i + (2 * Width)) - Vector512.Load(b + i + (2 * Width));
            var d3 = Vector512.Load(a + i + (3 * Width)) - Vector512.Load(b + i + (3 * Width));
            s0 = Vector512.MultiplyAddEstimate(d0, d0, s0);
            s1 = Vector512.MultiplyAddEstimate(d1, d1, s1);
            s2 = Vector512.MultiplyAddEstimate(d2, d2, s2);
            s3 = Vector512.MultiplyAddEstimate(d3, d3, s3);
        }

        for (; i <= length - Width; i += Width)
        {
            var d = Vector512.Load(a + i) - Vector512.Load(b + i);
            s0 = Vector512.MultiplyAddEstimate(d, d, s0);
        }

        var sum = Vector512.Sum(s0 + s1 + (s2 + s3));
        return i == length ? sum : sum + ScalarKernels.SquaredL2(a + i, b + i, length - i);
    }

    public static float Dot(float* a, float* b, int length)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i <= length - (4 * Width); i += 4 * Width)
        {
            s0 = Vector512.MultiplyAddEstimate(Vector512.Load(a + i), Vector512.Load(b + i), s0);
            s1 = Vector512.MultiplyAddEstimate(Vector512.Load(a + i + Width), Vector512.Load(b + i + Width), s1);
            s2 = Vector512.MultiplyAddEstimate(Vector512.Load(a + i + (2 * Width)), Vector512.Load(b + i + (2 * Width)), s2);
            s3 = Vector512.MultiplyAddEstimate(Vector512.Load(a + i + (3 * Width)), Vector512.Load(b + i + (3 * Width)), s3);
        }

        for (; i <= length - Width; i += Width)
            s0 = Vector512.MultiplyAddEstimate(Vector512.Load(a + i), Vector512.Load(b + i), s0);
        var sum = Vector512.Sum(s0 + s1 + (s2 + s3));
        return i == length ? sum : sum + ScalarKernels.Dot(a + i, b + i, length - i);
    }
}
