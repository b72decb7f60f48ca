using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>Which column of the slot table holds what, and how wide it is.</summary>
internal sealed record GraphLayout(int FloatColumn, int StateColumn, int NormColumn, int FirstOwnColumn, int M)
{
    // Upper lists take 4 * (M / (M - 1) + 1 / M) bytes a node on average, at most 10; a node that finds no room stays on level 0.
    public const int UpperBytesPerSlot = 16;

    public int LinkColumn => FirstOwnColumn;

    public int CodeColumn => FirstOwnColumn + 1;

    /// <summary>Per slot, where its upper lists begin in the upper column, in integers; 0 for none.</summary>
    public int UpperBlockColumn => FirstOwnColumn + 2;

    /// <summary>One block a node above level 0: its level, then M links for each level from 1 up.</summary>
    public int UpperLinkColumn => FirstOwnColumn + 3;

    public static int[] OwnStrides(HnswParameters parameters) =>
    [
        2 * parameters.M * sizeof(int),
        parameters.Quantization == QuantizationMode.Codes ? CodeBook.BytesFor(parameters.Dimension) : 0,
        sizeof(int),
        UpperBytesPerSlot,
    ];
}
