using System.Collections.Concurrent;

namespace Data.Vector.TextSearch;

/// <summary>The terms of an index by number. The number of a term that no text has any more is given to another.</summary>
/// <remarks>
/// Terms are added and removed under the lock of the index, and found without. A search reads the segments before it looks up terms: where
/// a number has been given to another term since, all its documents before that are removed ones.
/// </remarks>
internal sealed class Vocabulary
{
    // A node of the dictionary and its bucket, and the header of a string.
    private const int EntryBytes = 56 + 8 + 22;

    private readonly ConcurrentDictionary<string, int> _numbers = new(concurrencyLevel: 1, 31, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byCharacters;
    private readonly Stack<int> _free = new();
    private readonly List<int> _unused = [];
    private int _holds;
    private Term[] _terms = new Term[64];
    private int _count;
    private long _bytes;

    public Vocabulary() => _byCharacters = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    public long Bytes => Interlocked.Read(ref _bytes) + (16L * Volatile.Read(ref _terms).Length);

    /// <summary>One past the highest number in use.</summary>
    public int Limit => _count;

    /// <summary>Returns the number of a term; negative when no text has it.</summary>
    public int Find(ReadOnlySpan<char> term) => _byCharacters.TryGetValue(term, out var number) ? number : -1;

    /// <summary>Returns how many documents have a term.</summary>
    public int Documents(int number) => Volatile.Read(ref _terms)[number].Documents;

    /// <summary>Returns the text of a term; null when the number is free.</summary>
    public string? Text(int number) => _terms[number].Text;

    public int FindOrAdd(ReadOnlySpan<char> term)
    {
        if (Find(term) is var known and >= 0)
            return known;

        if (!_free.TryPop(out var number))
            number = _count++;

        if (number == _terms.Length)
        {
            var terms = _terms;
            Array.Resize(ref terms, 2 * number);
            Volatile.Write(ref _terms, terms);
        }

        var text = term.ToString();
        _terms[number] = new Term { Text = text };
        _numbers[text] = number;
        _bytes += EntryBytes + (2L * text.Length);
        return number;
    }

    /// <summary>Counts documents of a term that come or go.</summary>
    public void Count(int number, int documents) => _terms[number].Documents += documents;

    /// <summary>Counts segments with postings of a term that come or go; forgets the term when the last has gone.</summary>
    public void CountSegments(int number, int segments)
    {
        ref var term = ref _terms[number];
        term.Segments += segments;
        if (term.Segments > 0)
            return;

        if (_holds > 0)
            _unused.Add(number);
        else
            Forget(ref term, number);
    }

    /// <summary>Keeps the numbers of terms until as many calls of <see cref="Release"/>.</summary>
    public void Hold() => _holds++;

    public void Release()
    {
        if (--_holds > 0)
            return;

        foreach (var number in _unused)
        {
            ref var term = ref _terms[number];
            if (term is { Segments: 0, Text: not null })
                Forget(ref term, number);
        }

        _unused.Clear();
    }

    private void Forget(ref Term term, int number)
    {
        _numbers.TryRemove(term.Text!, out _);
        _bytes -= EntryBytes + (2L * term.Text!.Length);
        term = default;
        _free.Push(number);
    }

    private struct Term
    {
        public string? Text;
        public int Documents;
        public int Segments;
    }
}
