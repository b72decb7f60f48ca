using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Data.Vector.Distance;

/// <summary>Code kernels on 128-bit vectors (SSSE3, NEON). Lengths are multiples of 64 bytes; codes are at most 127.</summary>
internal static unsafe class CodeKernels128
{
    public static int SquaredL2(byte* a, byte* b, int bytes)
    {
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < bytes; i += Vector128<byte>.Count)
            sum += Squares(Vector128.Load(a + i), Vector128.Load(b + i));
        return Vector128.Sum(sum);
    }

    public static Vector128<int> SquaredL2(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        Vector128<int> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < bytes; i += Vector128<byte>.Count)
        {
            var q = Vector128.Load(query + i);
            sa += Squares(q, Vector128.Load(a + i));
            sb += Squares(q, Vector128.Load(b + i));
            sc += Squares(q, Vector128.Load(c + i));
            sd += Squares(q, Vector128.Load(d + i));
        }

        return SumEach(sa, sb, sc, sd);
    }

    public static int CentredDot(byte* a, byte* b, int bytes)
    {
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < bytes; i += Vector128<byte>.Count)
            sum += Products(Centred(a + i), Vector128.Load(b + i));
        return Vector128.Sum(sum);
    }

    public static Vector128<int> CentredDot(byte* query, byte* a, byte* b, byte* c, byte* d, int bytes)
    {
        Vector128<int> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < bytes; i += Vector128<byte>.Count)
        {
            var q = Centred(query + i);
            sa += Products(q, Vector128.Load(a + i));
            sb += Products(q, Vector128.Load(b + i));
            sc += Products(q, Vector128.Load(c + i));
            sd += Products(q, Vector128.Load(d + i));
        }

        return SumEach(sa, sb, sc, sd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Centred(byte* code) => Vector128.Load((sbyte*)code) - Vector128.Create((sbyte)CodeKernels.Centre);

    // The difference of two 7-bit codes fits a signed byte, and the sum of two squares fits 16 bits: nothing saturates.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Squares(Vector128<byte> a, Vector128<byte> b)
    {
        var difference = Vector128.Abs((a - b).AsSByte());
        return PairSums(MultiplyAdjacent(difference.AsByte(), difference));
    }

    // The unsigned operand is not centred; the share of the centre is subtracted before the pairs are widened.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Products(Vector128<sbyte> centred, Vector128<byte> code) =>
        PairSums(MultiplyAdjacent(code, centred) - MultiplyAdjacent(Vector128.Create((byte)CodeKernels.Centre), centred));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<short> MultiplyAdjacent(Vector128<byte> a, Vector128<sbyte> b) =>
        Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(a, b) : MultiplyAdjacentPortable(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> PairSums(Vector128<short> pairs) =>
        Sse2.IsSupported ? Sse2.MultiplyAddAdjacent(pairs, Vector128<short>.One) : PairSumsPortable(pairs);

    // Extends the even and the odd bytes of every pair, by sign or by zeros, then multiplies and adds.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<short> MultiplyAdjacentPortable(Vector128<byte> a, Vector128<sbyte> b)
    {
        var pairs = b.AsInt16();
        var even = (a.AsUInt16() & Vector128.Create((ushort)0xFF)).AsInt16()
            * Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pairs, 8), 8);
        return even + (Vector128.ShiftRightLogical(a.AsUInt16(), 8).AsInt16() * Vector128.ShiftRightArithmetic(pairs, 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> PairSumsPortable(Vector128<short> pairs)
    {
        var wide = pairs.AsInt32();
        return Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(wide, 16), 16) + Vector128.ShiftRightArithmetic(wide, 16);
    }

    /// <summary>Returns the sums of four vectors in one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> SumEach(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d) =>
        Ssse3.IsSupported
            ? Ssse3.HorizontalAdd(Ssse3.HorizontalAdd(a, b), Ssse3.HorizontalAdd(c, d))
            : Vector128.Create(Vector128.Sum(a), Vector128.Sum(b), Vector128.Sum(c), Vector128.Sum(d));
}
