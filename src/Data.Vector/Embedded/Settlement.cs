using Data.Vector.KeyIndexes;

namespace Data.Vector.Embedded;

/// <summary>What remains to be done for a published write when no read wants the state before it.</summary>
/// <param name="Epoch">The epoch of the reads that may want it.</param>
/// <param name="Arrived">Slots that the write added.</param>
/// <param name="Left">Slots that it replaced or deleted.</param>
/// <param name="Changed">Slots that kept their vector and have another record.</param>
internal sealed record Settlement(
    long Epoch,
    int[] Arrived,
    (int Slot, VectorMetadata Gone)[] Left,
    (int Slot, VectorMetadata Gone, RecordVersion Version)[] Changed);
