using System.Runtime.InteropServices;

namespace Data.TestServers;

/// <summary>What becomes of a <see cref="ProxyChunk"/>.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ChunkVerdict
{
    private ChunkVerdict(bool drops, int? cutAt, CutKind kind)
    {
        Drops = drops;
        CutAt = cutAt;
        Kind = kind;
    }

    /// <summary>The chunk goes on whole.</summary>
    public static ChunkVerdict Forward { get; }

    /// <summary>The chunk is lost and the connection stays.</summary>
    public static ChunkVerdict Drop { get; } = new(drops: true, cutAt: null, CutKind.Reset);

    /// <summary>The connection ends before the chunk.</summary>
    public static ChunkVerdict CutBefore { get; } = new(drops: false, cutAt: 0, CutKind.Reset);

    /// <summary>The connection ends after the chunk: it arrives, and no answer to it does.</summary>
    public static ChunkVerdict CutAfter { get; } = new(drops: false, cutAt: int.MaxValue, CutKind.Reset);

    internal bool Drops { get; }

    internal int? CutAt { get; }

    internal CutKind Kind { get; }

    /// <summary>The connection ends inside the chunk.</summary>
    /// <param name="bytes">How many of the chunk's bytes go on.</param>
    /// <param name="kind">How the connection ends.</param>
    /// <returns>The verdict.</returns>
    public static ChunkVerdict CutAfterBytes(int bytes, CutKind kind = CutKind.Reset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new ChunkVerdict(drops: false, bytes, kind);
    }
}
