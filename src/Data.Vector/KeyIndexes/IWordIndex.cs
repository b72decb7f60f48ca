namespace Data.Vector.KeyIndexes;

/// <summary>Finds the slots whose texts have words.</summary>
internal interface IWordIndex
{
    /// <summary>Adds the slots whose texts have all of the terms; false when there is no complete index over these terms.</summary>
    bool TryCollect(ReadOnlySpan<string> terms, SlotBitmap into);
}
