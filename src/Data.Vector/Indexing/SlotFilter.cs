using System.Numerics;
using System.Runtime.CompilerServices;

namespace Data.Vector.Indexing;

/// <summary>The slots that a search may return, one bit per slot, and the version it sees. The default value allows all.</summary>
/// <remarks>Bit <c>slot &amp; 63</c> of word <c>slot &gt;&gt; 6</c>; slots beyond the last word are not allowed.</remarks>
internal readonly ref struct SlotFilter
{
    private readonly bool _active;
    private readonly int _count;

    /// <summary>Allows the slots whose bits are set.</summary>
    /// <param name="words">The bits. The caller does not change them while the search runs.</param>
    /// <param name="count">The number of set bits; negative when unknown.</param>
    public SlotFilter(ReadOnlySpan<ulong> words, int count = -1)
    {
        Words = words;
        _count = count;
        _active = true;
    }

    private SlotFilter(SlotFilter slots, long version)
    {
        this = slots;
        Version = version;
    }

    /// <summary>The version of the index that the search sees; 0 for the one at its beginning.</summary>
    public long Version { get; }

    /// <summary>Whether any slot is excluded.</summary>
    public bool IsActive => _active;

    public ReadOnlySpan<ulong> Words { get; }

    /// <summary>Returns the same slots as of a version.</summary>
    public SlotFilter At(long version) => new(this, version);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Allows(int slot)
    {
        if (!_active)
            return true;
        var word = slot >> 6;
        return (uint)word < (uint)Words.Length && (Words[word] >> slot & 1) != 0;
    }

    public int CountAllowed()
    {
        if (_count >= 0)
            return _count;
        var count = 0;
        foreach (var word in Words)
            count += BitOperations.PopCount(word);
        return count;
    }
}
