using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Data.Vector.Distance;

/// <summary>Code kernels on 512-bit vectors (AVX-512BW). Lengths are multiples of 64 bytes; codes are at most 127.</summary>
internal static unsafe class CodeKernels512
{
    public static int SquaredL2(byte* a, byte* b, int bytes)
    {
        var sum = Vector512<int>.Zero;
        for (var i = 0; i < bytes; i += Vector512<byte>.Count)
            sum += Squares(Vector512.Load(a + i), Vector512.Load(b + i));
        return Vector512.Sum(sum);
    }

    public static Vector128<int> SquaredL2(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        Vector512<int> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < bytes; i += Vector512<byte>.Count)
        {
            var q = Vector512.Load(query + i);
            sa += Squares(q, Vector512.Load(a + i));
            sb += Squares(q, Vector512.Load(b + i));
            sc += Squares(q, Vector512.Load(c + i));
            sd += Squares(q, Vector512.Load(d + i));
        }

        return CodeKernels256.SumEach(Fold(sa), Fold(sb), Fold(sc), Fold(sd));
    }

    public static int CentredDot(byte* a, byte* b, int bytes)
    {
        var sum = Vector512<int>.Zero;
        for (var i = 0; i < bytes; i += Vector512<byte>.Count)
            sum += Products(Centred(a + i), Vector512.Load(b + i));
        return Vector512.Sum(sum);
    }

    public static Vector128<int> CentredDot(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        Vector512<int> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < bytes; i += Vector512<byte>.Count)
        {
            var q = Centred(query + i);
            sa += Products(q, Vector512.Load(a + i));
            sb += Products(q, Vector512.Load(b + i));
            sc += Products(q, Vector512.Load(c + i));
            sd += Products(q, Vector512.Load(d + i));
        }

        return CodeKernels256.SumEach(Fold(sa), Fold(sb), Fold(sc), Fold(sd));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<sbyte> Centred(byte* code) => Vector512.Load((sbyte*)code) - Vector512.Create((sbyte)CodeKernels.Centre);

    // The difference of two 7-bit codes fits a signed byte, and the sum of two squares fits 16 bits: nothing saturates.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Squares(Vector512<byte> a, Vector512<byte> b)
    {
        var difference = Vector512.Abs((a - b).AsSByte());
        return PairSums(MultiplyAdjacent(difference.AsByte(), difference));
    }

    // The unsigned operand is not centred; the share of the centre is subtracted before the pairs are widened.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Products(Vector512<sbyte> centred, Vector512<byte> code) =>
        PairSums(MultiplyAdjacent(code, centred) - MultiplyAdjacent(Vector512.Create((byte)CodeKernels.Centre), centred));

    // Without the instruction the sum comes from two halves: slower, equal, and the way the tests run this kernel on any processor.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> MultiplyAdjacent(Vector512<byte> a, Vector512<sbyte> b) =>
        Avx512BW.IsSupported
            ? Avx512BW.MultiplyAddAdjacent(a, b)
            : Vector512.Create(
                CodeKernels256.MultiplyAdjacent(a.GetLower(), b.GetLower()),
                CodeKernels256.MultiplyAdjacent(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> PairSums(Vector512<short> pairs) =>
        Avx512BW.IsSupported
            ? Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One)
            : Vector512.Create(CodeKernels256.PairSums(pairs.GetLower()), CodeKernels256.PairSums(pairs.GetUpper()));

    private static Vector256<int> Fold(Vector512<int> sums) => sums.GetLower() + sums.GetUpper();
}
