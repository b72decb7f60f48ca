using Data.Vector.Indexing;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>The graph's own columns of the slot table, and their widths.</summary>
internal static class GraphLayout
{
    // Upper lists take 4 * (M / (M - 1) + 1 / M) bytes per node on average, at most 10; a node that finds no room stays on level 0.
    public const int UpperBytesPerSlot = 16;

    public const int LinkColumn = SlotTable.FirstOwnColumn, CodeColumn = LinkColumn + 1;

    /// <summary>Per slot, where its upper lists begin in <see cref="UpperLinkColumn"/>, in integers; 0 for none.</summary>
    public const int UpperBlockColumn = LinkColumn + 2;

    /// <summary>One block per node above level 0: its level, then M links for each level from 1 up.</summary>
    public const int UpperLinkColumn = LinkColumn + 3;

    public static int[] OwnStrides(HnswParameters parameters) =>
    [
        2 * parameters.M * sizeof(int),
        parameters.Quantization == QuantizationMode.Codes ? CodeBook.BytesFor(parameters.Dimension) : 0,
        sizeof(int),
        UpperBytesPerSlot,
    ];
}
