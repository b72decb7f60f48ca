using System.Buffers;
using System.Numerics;

namespace Data.Vector.KeyIndexes;

/// <summary>A set of slots, one bit each, in a rented buffer.</summary>
internal sealed class SlotBitmap : IDisposable
{
    private ulong[] _words;

    public SlotBitmap(int slots)
    {
        WordCount = (slots + 63) >> 6;
        _words = ArrayPool<ulong>.Shared.Rent(Math.Max(1, WordCount));
        Words.Clear();
    }

    public int WordCount { get; }

    public Span<ulong> Words => _words.AsSpan(0, WordCount);

    public int Count()
    {
        var count = 0;
        foreach (var word in Words)
            count += BitOperations.PopCount(word);

        return count;
    }

    public void Set(int slot)
    {
        // A slot given out after the bitmap was sized belongs to a write that this search need not see.
        if (slot >> 6 < WordCount)
            _words[slot >> 6] |= 1UL << (slot & 63);
    }

    public bool Contains(int slot) => slot >> 6 < WordCount && (_words[slot >> 6] >> slot & 1) != 0;

    public void Change(int slot, bool value)
    {
        if (value)
            Set(slot);
        else if (slot >> 6 < WordCount)
            _words[slot >> 6] &= ~(1UL << (slot & 63));
    }

    public void Fill() => Words.Fill(ulong.MaxValue);

    public void Invert()
    {
        foreach (ref var word in Words)
            word = ~word;
    }

    public void And(SlotBitmap other)
    {
        var mine = Words;
        var others = other.Words;
        for (var i = 0; i < mine.Length; i++)
            mine[i] &= others[i];
    }

    public void Or(ReadOnlySpan<ulong> others)
    {
        var mine = Words;
        for (var i = 0; i < Math.Min(mine.Length, others.Length); i++)
            mine[i] |= others[i];
    }

    /// <summary>Clears the bits whose slots a test rejects.</summary>
    public void Keep(Func<int, bool> test, CancellationToken cancellationToken)
    {
        var words = Words;
        for (var i = 0; i < words.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var rest = words[i]; rest != 0; rest &= rest - 1)
            {
                var bit = BitOperations.TrailingZeroCount(rest);
                if (!test((i << 6) + bit))
                    words[i] &= ~(1UL << bit);
            }
        }
    }

    public void ForEach(Action<int> visit)
    {
        var words = Words;
        for (var i = 0; i < words.Length; i++)
        {
            for (var rest = words[i]; rest != 0; rest &= rest - 1)
                visit((i << 6) + BitOperations.TrailingZeroCount(rest));
        }
    }

    public void Dispose()
    {
        if (_words.Length > 0)
        {
            ArrayPool<ulong>.Shared.Return(_words);
            _words = [];
        }
    }
}
