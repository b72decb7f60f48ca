using System.Runtime.Intrinsics;

namespace Data.Vector.Distance;

/// <summary>Float kernels on 128-bit vectors (NEON, SSE).</summary>
internal static unsafe class FloatKernels128
{
    private const int Width = 4;

    public static float SquaredL2(float* a, float* b, int length)
    {
        // Four sums: a single one waits for the latency of each fused multiply-add.
        Vector128<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i <= length - (4 * Width); i += 4 * Width)
        {
            var d0 = Vector128.Load(a + i) - Vector128.Load(b + i);
            var d1 = Vector128.Load(a + i + Width) - Vector128.Load(b + i + Width);
            var d2 = Vector128.Load(a + i + (2 * Width)) - Vector128.Load(b + i + (2 * Width));
            var d3 = Vector128.Load(a + i + (3 * Width)) - Vector128.Load(b + i + (3 * Width));
            s0 = Vector128.MultiplyAddEstimate(d0, d0, s0);
            s1 = Vector128.MultiplyAddEstimate(d1, d1, s1);
            s2 = Vector128.MultiplyAddEstimate(d2, d2, s2);
            s3 = Vector128.MultiplyAddEstimate(d3, d3, s3);
        }

        for (; i <= length - Width; i += Width)
        {
            var d = Vector128.Load(a + i) - Vector128.Load(b + i);
            s0 = Vector128.MultiplyAddEstimate(d, d, s0);
        }

        var sum = Vector128.Sum(s0 + s1 + (s2 + s3));
        return i == length ? sum : sum + ScalarKernels.SquaredL2(a + i, b + i, length - i);
    }

    public static float Dot(float* a, float* b, int length)
    {
        Vector128<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i <= length - (4 * Width); i += 4 * Width)
        {
            s0 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i), Vector128.Load(b + i), s0);
            s1 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i + Width), Vector128.Load(b + i + Width), s1);
            s2 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i + (2 * Width)), Vector128.Load(b + i + (2 * Width)), s2);
            s3 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i + (3 * Width)), Vector128.Load(b + i + (3 * Width)), s3);
        }

        for (; i <= length - Width; i += Width)
            s0 = Vector128.MultiplyAddEstimate(Vector128.Load(a + i), Vector128.Load(b + i), s0);
        var sum = Vector128.Sum(s0 + s1 + (s2 + s3));
        return i == length ? sum : sum + ScalarKernels.Dot(a + i, b + i, length - i);
    }
}
