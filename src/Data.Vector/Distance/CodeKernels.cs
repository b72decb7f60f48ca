using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Data.Vector.Distance;

/// <summary>
/// Distances of 7-bit codes on the widest vectors this processor offers. Seven bits, because the byte multiply-add of AVX2 and
/// AVX-512BW adds pairs of products into shorts: eight would saturate.
/// </summary>
internal static unsafe class CodeKernels
{
    /// <summary>Codes are stored in whole cache lines; the padding is equal in all of them, so it adds nothing.</summary>
    public const int Alignment = 64;

    /// <summary>The code of zero where the inner product is wanted.</summary>
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

    /// <summary>Four distances at once: the query is loaded once, and the final sums share their shuffles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SquaredL2(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        if (Avx512BW.IsSupported)
            return CodeKernels512.SquaredL2(query, a, b, c, d, bytes);
        return Avx2.IsSupported ? CodeKernels256.SquaredL2(query, a, b, c, d, bytes) : CodeKernels128.SquaredL2(query, a, b, c, d, bytes);
    }

    /// <summary>The sum of products of codes less <see cref="Centre"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CentredDot(byte* a, byte* b, int bytes)
    {
        if (Avx512BW.IsSupported)
            return CodeKernels512.CentredDot(a, b, bytes);
        return Avx2.IsSupported ? CodeKernels256.CentredDot(a, b, bytes) : CodeKernels128.CentredDot(a, b, bytes);
    }

    /// <summary>Four products at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> CentredDot(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        if (Avx512BW.IsSupported)
            return CodeKernels512.CentredDot(query, a, b, c, d, bytes);
        return Avx2.IsSupported ? CodeKernels256.CentredDot(query, a, b, c, d, bytes) : CodeKernels128.CentredDot(query, a, b, c, d, bytes);
    }
}
