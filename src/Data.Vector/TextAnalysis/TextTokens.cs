using System.Runtime.InteropServices;

namespace Data.Vector;

/// <summary>The terms of one text, in a buffer that can be used again.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
public sealed class TextTokens
{
    private Entry[] _entries = new Entry[64];
    private char[] _characters = new char[512];
    private int _used;

    /// <summary>The number of terms.</summary>
    public int Count { get; private set; }

    /// <summary>A term.</summary>
    /// <param name="index">Its position, from 0.</param>
    /// <returns>The term. Valid until the list is changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not below <see cref="Count"/>.</exception>
    public TextToken this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var entry = _entries[index];
            return new TextToken(_characters.AsSpan(entry.Offset, entry.TermLength), entry.Start, entry.Length);
        }
    }

    /// <summary>Adds a term.</summary>
    /// <param name="term">The term, copied; an empty one is ignored.</param>
    /// <param name="start">Its position in the text, in characters, not negative.</param>
    /// <param name="length">Its length in the text, in characters, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="start"/> or <paramref name="length"/> is negative.</exception>
    public void Add(ReadOnlySpan<char> term, int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (term.IsEmpty)
            return;

        if (Count == _entries.Length)
            Array.Resize(ref _entries, 2 * Count);

        if (_used + term.Length > _characters.Length)
            Array.Resize(ref _characters, Math.Max(2 * _characters.Length, _used + term.Length));

        term.CopyTo(_characters.AsSpan(_used));
        _entries[Count++] = new Entry(_used, term.Length, start, length);
        _used += term.Length;
    }

    /// <summary>Removes all terms.</summary>
    public void Clear() => (Count, _used) = (0, 0);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(int Offset, int TermLength, int Start, int Length);
}
