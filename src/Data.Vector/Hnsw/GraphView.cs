using System.Runtime.CompilerServices;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>The memory of the graph as one search or one write sees it: pointers taken once, valid while the reader is pinned.</summary>
internal readonly unsafe struct GraphView
{
    /// <summary>Marks the unused entries at the end of a list of links.</summary>
    public const int NoLink = -1;

    /// <summary>Takes the pointers. The caller has read the limit before the columns, so every slot below it is in them.</summary>
    public GraphView(int limit, SlotColumns columns, int m)
    {
        Limit = limit;
        Floats = (float*)columns[SlotTable.FloatColumn];
        States = columns[SlotTable.StateColumn];
        InverseNorms = (float*)columns[SlotTable.NormColumn];
        BaseLinks = (int*)columns[GraphLayout.LinkColumn];
        Codes = columns[GraphLayout.CodeColumn];
        UpperBlocks = (int*)columns[GraphLayout.UpperBlockColumn];
        UpperLinks = (int*)columns[GraphLayout.UpperLinkColumn];
        Book = columns.Payload as CodeBook;
        M = m;
    }

    /// <summary>One past the highest slot that the view covers.</summary>
    public int Limit { get; }

    public float* Floats { get; }

    public byte* States { get; }

    public float* InverseNorms { get; }

    public int* BaseLinks { get; }

    public byte* Codes { get; }

    public int* UpperBlocks { get; }

    public int* UpperLinks { get; }

    /// <summary>How codes are read; null while the walk reads floats.</summary>
    public CodeBook? Book { get; init; }

    public int M { get; }

    /// <summary>Returns whether links to the node may be made.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLinkable(int slot) => SlotState.IsLinkable(Volatile.Read(ref States[slot]));

    /// <summary>Returns the highest level of a node.</summary>
    public int LevelOf(int slot)
    {
        var block = UpperBlocks[slot];
        return block == 0 ? 0 : UpperLinks[block];
    }

    /// <summary>Returns a node's links on a level: <see cref="Width"/> entries, the used ones first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Links(int slot, int level) =>
        level == 0 ? BaseLinks + ((nint)slot * 2 * M) : UpperLinks + UpperBlocks[slot] + 1 + ((level - 1) * (nint)M);

    /// <summary>Returns how many links a node can have on a level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Width(int level) => level == 0 ? 2 * M : M;
}
