using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Data.Vector.Distance;

/// <summary>Code kernels on 256-bit vectors (AVX2). Lengths are multiples of 64 bytes; codes are at most 127.</summary>
internal static unsafe class CodeKernels256
{
    public static int SquaredL2(byte* a, byte* b, int bytes)
    {
        var sum = Vector256<int>.Zero;
        for (var i = 0; i < bytes; i += Vector256<byte>.Count)
            sum += Squares(Vector256.Load(a + i), Vector256.Load(b + i));
        return Vector256.Sum(sum);
    }

    public static Vector128<int> SquaredL2(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        Vector256<int> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < bytes; i += Vector256<byte>.Count)
        {
            var q = Vector256.Load(query + i);
            sa += Squares(q, Vector256.Load(a + i));
            sb += Squares(q, Vector256.Load(b + i));
            sc += Squares(q, Vector256.Load(c + i));
            sd += Squares(q, Vector256.Load(d + i));
        }

        return SumEach(sa, sb, sc, sd);
    }

    public static int CentredDot(byte* a, byte* b, int bytes)
    {
        var sum = Vector256<int>.Zero;
        for (var i = 0; i < bytes; i += Vector256<byte>.Count)
            sum += Products(Centred(a + i), Vector256.Load(b + i));
        return Vector256.Sum(sum);
    }

    public static Vector128<int> CentredDot(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        Vector256<int> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < bytes; i += Vector256<byte>.Count)
        {
            var q = Centred(query + i);
            sa += Products(q, Vector256.Load(a + i));
            sb += Products(q, Vector256.Load(b + i));
            sc += Products(q, Vector256.Load(c + i));
            sd += Products(q, Vector256.Load(d + i));
        }

        return SumEach(sa, sb, sc, sd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Centred(byte* code) => Vector256.Load((sbyte*)code) - Vector256.Create((sbyte)CodeKernels.Centre);

    // The difference of two 7-bit codes fits a signed byte, and the sum of two squares fits 16 bits: nothing saturates.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Squares(Vector256<byte> a, Vector256<byte> b)
    {
        var difference = Vector256.Abs((a - b).AsSByte());
        return PairSums(MultiplyAdjacent(difference.AsByte(), difference));
    }

    // The unsigned operand is not centred; the share of the centre is subtracted before the pairs are widened.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Vector256<sbyte> centred, Vector256<byte> code) =>
        PairSums(MultiplyAdjacent(code, centred) - MultiplyAdjacent(Vector256.Create((byte)CodeKernels.Centre), centred));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<short> MultiplyAdjacent(Vector256<byte> a, Vector256<sbyte> b) =>
        Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(a, b)
            : Vector256.Create(
                CodeKernels128.MultiplyAdjacent(a.GetLower(), b.GetLower()),
                CodeKernels128.MultiplyAdjacent(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> PairSums(Vector256<short> pairs) =>
        Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One)
            : Vector256.Create(CodeKernels128.PairSums(pairs.GetLower()), CodeKernels128.PairSums(pairs.GetUpper()));

    /// <summary>Returns the sums of four vectors in one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> SumEach(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d) =>
        CodeKernels128.SumEach(
            a.GetLower() + a.GetUpper(),
            b.GetLower() + b.GetUpper(),
            c.GetLower() + c.GetUpper(),
            d.GetLower() + d.GetUpper());
}
