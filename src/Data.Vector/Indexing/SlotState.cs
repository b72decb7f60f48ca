namespace Data.Vector.Indexing;

/// <summary>What a slot holds; bytes rather than an enumeration, for <see cref="Volatile"/> and <see cref="Interlocked"/>.</summary>
internal static class SlotState
{
    /// <summary>Nothing, or a vector that is being added.</summary>
    public const byte Free = 0;

    /// <summary>A vector that searches may return.</summary>
    public const byte Live = 1;

    /// <summary>A deleted vector that links may still lead through.</summary>
    public const byte Deleted = 2;

    /// <summary>
    /// A deleted vector whose links are being taken out: no link to it is made any more. It stays so until the slot is used again.
    /// </summary>
    public const byte Leaving = 3;
}
