namespace Data.Vector.Indexing;

/// <summary>What a slot holds; bytes rather than an enumeration, for <see cref="Volatile"/> and <see cref="Interlocked"/>.</summary>
internal static class SlotState
{
    /// <summary>Nothing, or a vector that is being added.</summary>
    public const byte Free = 0;

    /// <summary>A vector that searches may return.</summary>
    public const byte Live = 1;

    /// <summary>A deleted vector (tombstone): searches pass through it and do not return it.</summary>
    public const byte Deleted = 2;

    /// <summary>
    /// A deleted vector whose links are being removed: no new link to it is made. It keeps this state until the slot is reused.
    /// </summary>
    public const byte Unlinking = 3;

    /// <summary>A vector that a write adds: searches of the write's version and of later ones return it.</summary>
    public const byte Arriving = 4;

    /// <summary>A vector that a write replaces or deletes: searches of earlier versions return it.</summary>
    public const byte Leaving = 5;

    // Set in the states of nodes that gain no links.
    private const int Removed = 2;

    /// <summary>Returns whether links to a node in this state may be made.</summary>
    public static bool IsLinkable(byte state) => (state & Removed) == 0;
}
