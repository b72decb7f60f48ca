using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Data.Vector.Distance;

/// <summary>
/// Distances of 7-bit codes on the widest SIMD vectors of the processor; <see cref="ScalarKernels"/> is their oracle. Codes have seven bits
/// because the byte multiply-add of AVX2 and AVX-512BW adds pairs of products into 16-bit integers: eight bits would saturate.
/// </summary>
internal static unsafe class CodeKernels
{
    /// <summary>Codes fill whole cache lines. The padding is the same in all of them, so it does not affect distances.</summary>
    public const int Alignment = 64;

    /// <summary>The code of zero under the inner product.</summary>
    public const int Centre = 64;

    /// <summary>The largest code.</summary>
    public const int MaxCode = 127;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SquaredL2(byte* a, byte* b, int bytes)
    {
        if (Avx512BW.IsSupported)
            return CodeKernels512.SquaredL2(a, b, bytes);
        return Avx2.IsSupported ? CodeKernels256.SquaredL2(a, b, bytes) : CodeKernels128.SquaredL2(a, b, bytes);
    }

    /// <summary>Returns four distances: the query is loaded once, and the final sums share their shuffles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SquaredL2(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        if (Avx512BW.IsSupported)
            return CodeKernels512.SquaredL2(query, a, b, c, d, bytes);
        return Avx2.IsSupported ? CodeKernels256.SquaredL2(query, a, b, c, d, bytes) : CodeKernels128.SquaredL2(query, a, b, c, d, bytes);
    }

    /// <summary>Returns the sum of products of codes minus <see cref="Centre"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CentredDot(byte* a, byte* b, int bytes)
    {
        if (Avx512BW.IsSupported)
            return CodeKernels512.CentredDot(a, b, bytes);
        return Avx2.IsSupported ? CodeKernels256.CentredDot(a, b, bytes) : CodeKernels128.CentredDot(a, b, bytes);
    }

    /// <summary>Returns four such sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> CentredDot(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        if (Avx512BW.IsSupported)
            return CodeKernels512.CentredDot(query, a, b, c, d, bytes);
        return Avx2.IsSupported ? CodeKernels256.CentredDot(query, a, b, c, d, bytes) : CodeKernels128.CentredDot(query, a, b, c, d, bytes);
    }
}
