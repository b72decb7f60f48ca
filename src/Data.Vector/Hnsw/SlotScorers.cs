using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Data.Vector.Distance;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

/// <summary>
/// Scores slots against a query with keys that grow with the distance. Implemented by structs, so that the walk is compiled once for each
/// and makes no indirect call.
/// </summary>
internal unsafe interface ISlotScorer<TSelf>
    where TSelf : struct, ISlotScorer<TSelf>
{
    /// <summary>Bytes that are read for one slot.</summary>
    int RowBytes { get; }

    /// <summary>Returns the key of one slot.</summary>
    uint Score(int slot);

    /// <summary>Returns the keys of four slots.</summary>
    Vector128<uint> ScoreFour(int* slots);

    /// <summary>Prefetches what <see cref="Score"/> reads.</summary>
    void Prefetch(int slot);

    /// <summary>Returns a scorer with a stored vector as the query.</summary>
    TSelf From(int slot);
}

/// <summary>Squared distance of codes: L2 and, on normalized vectors, cosine.</summary>
internal readonly unsafe struct CodeL2Scorer(byte* query, byte* codes, int bytes) : ISlotScorer<CodeL2Scorer>
{
    public int RowBytes => bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Score(int slot) => (uint)CodeKernels.SquaredL2(query, codes + ((nint)slot * bytes), bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<uint> ScoreFour(int* slots) => CodeKernels.SquaredL2(
        query,
        codes + ((nint)slots[0] * bytes),
        codes + ((nint)slots[1] * bytes),
        codes + ((nint)slots[2] * bytes),
        codes + ((nint)slots[3] * bytes),
        bytes).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int slot) => Prefetcher.Fetch(codes + ((nint)slot * bytes), bytes);

    public CodeL2Scorer From(int slot) => new(codes + ((nint)slot * bytes), codes, bytes);
}

/// <summary>Inner product of codes.</summary>
internal readonly unsafe struct CodeDotScorer(byte* query, byte* codes, int bytes) : ISlotScorer<CodeDotScorer>
{
    /// <summary>What a product is subtracted from: larger products are nearer.</summary>
    // The sum over 65,536 dimensions of at most 64 * 64 stays below this.
    public const uint Top = 1u << 30;

    public int RowBytes => bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Score(int slot) => Top - (uint)CodeKernels.CentredDot(query, codes + ((nint)slot * bytes), bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<uint> ScoreFour(int* slots) => Vector128.Create(Top) - CodeKernels.CentredDot(
        query,
        codes + ((nint)slots[0] * bytes),
        codes + ((nint)slots[1] * bytes),
        codes + ((nint)slots[2] * bytes),
        codes + ((nint)slots[3] * bytes),
        bytes).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int slot) => Prefetcher.Fetch(codes + ((nint)slot * bytes), bytes);

    public CodeDotScorer From(int slot) => new(codes + ((nint)slot * bytes), codes, bytes);
}

/// <summary>Squared distance of floats.</summary>
internal readonly unsafe struct FloatL2Scorer(float* query, float* floats, int dimension) : ISlotScorer<FloatL2Scorer>
{
    public int RowBytes => dimension * sizeof(float);

    // Floats that are not negative order like their bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Score(int slot) =>
        BitConverter.SingleToUInt32Bits(FloatKernels.SquaredL2(query, floats + ((nint)slot * dimension), dimension));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<uint> ScoreFour(int* slots) => Vector128.Create(Score(slots[0]), Score(slots[1]), Score(slots[2]), Score(slots[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int slot) => Prefetcher.Fetch((byte*)(floats + ((nint)slot * dimension)), dimension * sizeof(float));

    public FloatL2Scorer From(int slot) => new(floats + ((nint)slot * dimension), floats, dimension);
}

/// <summary>Inner product of floats, and cosine by reciprocal lengths (null for none).</summary>
/// <remarks>
/// The length of the query does not change the order of its neighbours, but it matters: the selection of links compares the keys of two
/// queries.
/// </remarks>
internal readonly unsafe struct FloatDotScorer(
    float* query,
    float scale,
    float* floats,
    float* inverseNorms,
    int dimension) : ISlotScorer<FloatDotScorer>
{
    public int RowBytes => dimension * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Score(int slot)
    {
        var dot = FloatKernels.Dot(query, floats + ((nint)slot * dimension), dimension);
        if (inverseNorms != null)
            dot *= inverseNorms[slot] * scale;
        // Negated, then mapped to an unsigned integer of the same order: flips all bits of negatives and the sign bit of the others.
        var bits = BitConverter.SingleToInt32Bits(-dot);
        return (uint)(bits ^ ((bits >> 31) | int.MinValue));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<uint> ScoreFour(int* slots) => Vector128.Create(Score(slots[0]), Score(slots[1]), Score(slots[2]), Score(slots[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int slot)
    {
        if (inverseNorms != null)
            Prefetcher.Fetch((byte*)(inverseNorms + slot), sizeof(float));
        Prefetcher.Fetch((byte*)(floats + ((nint)slot * dimension)), dimension * sizeof(float));
    }

    public FloatDotScorer From(int slot) =>
        new(floats + ((nint)slot * dimension), inverseNorms == null ? 1 : inverseNorms[slot], floats, inverseNorms, dimension);
}
