using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Data.Vector.Collections;

/// <summary>The distance of two vectors from their floats, for the few places outside an index that need one.</summary>
internal static class ExactDistance
{
    public static float Between(DistanceMetric metric, ReadOnlySpan<float> left, ReadOnlySpan<float> right) => metric switch
    {
        DistanceMetric.L2 => Squared(left, right),
        DistanceMetric.InnerProduct => 1f - Dot(left, right),
        _ => 1f - (Dot(left, right) / MathF.Sqrt(Dot(left, left) * Dot(right, right))),
    };

    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right[..left.Length]);
        var sum = Vector256<float>.Zero;
        var i = 0;
        for (; i <= left.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            sum += Vector256.LoadUnsafe(ref a, (nuint)i) * Vector256.LoadUnsafe(ref b, (nuint)i);

        var total = Vector256.Sum(sum);
        for (; i < left.Length; i++)
            total += left[i] * right[i];

        return total;
    }

    private static float Squared(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right[..left.Length]);
        var sum = Vector256<float>.Zero;
        var i = 0;
        for (; i <= left.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var difference = Vector256.LoadUnsafe(ref a, (nuint)i) - Vector256.LoadUnsafe(ref b, (nuint)i);
            sum += difference * difference;
        }

        var total = Vector256.Sum(sum);
        for (; i < left.Length; i++)
        {
            var difference = left[i] - right[i];
            total += difference * difference;
        }

        return total;
    }
}
