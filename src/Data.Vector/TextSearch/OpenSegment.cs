namespace Data.Vector.TextSearch;

/// <summary>The segment that takes new documents, under the lock of the index.</summary>
internal sealed class OpenSegment : TextSegment
{
    private const int FirstCapacity = 64;

    private int[] _slots = new int[FirstCapacity];
    private int[] _lengths = new int[FirstCapacity];
    private VectorRecord?[] _records = new VectorRecord?[FirstCapacity];
    private PostingList?[] _lists = [];
    private int _count;
    private long _listBytes;

    public override int Count => Volatile.Read(ref _count);

    public override ReadOnlySpan<int> Slots => Volatile.Read(ref _slots);

    public override ReadOnlySpan<int> Lengths => Volatile.Read(ref _lengths);

    public override Span<VectorRecord?> Records => Volatile.Read(ref _records);

    public override long Bytes =>
        Interlocked.Read(ref _listBytes) + (8L * Volatile.Read(ref _lists).Length) + (16L * Volatile.Read(ref _slots).Length);

    /// <summary>Adds a document; returns its number.</summary>
    /// <param name="slot">The slot of its record.</param>
    /// <param name="record">The record.</param>
    /// <param name="terms">Its terms, each once.</param>
    /// <param name="length">The number of its terms, repeated ones included.</param>
    /// <param name="added">Is told of each term that the segment did not have.</param>
    public int Add(int slot, VectorRecord record, ReadOnlySpan<TermCount> terms, int length, Action<int> added)
    {
        var document = _count;
        if (document == _slots.Length)
            Grow();

        (_slots[document], _lengths[document], _records[document]) = (slot, length, record);
        foreach (var (term, count) in terms)
        {
            if (term >= _lists.Length)
                GrowLists(term);

            if (_lists[term] is not { } list)
            {
                Volatile.Write(ref _lists[term], list = new PostingList());
                _listBytes += PostingList.EmptyBytes;
                added(term);
            }

            _listBytes += list.Add((ushort)document, (byte)Math.Min(count, byte.MaxValue), length);
        }

        Volatile.Write(ref _count, document + 1);
        return document;
    }

    public override int[] Terms()
    {
        var lists = Volatile.Read(ref _lists);
        var terms = new List<int>();
        for (var term = 0; term < lists.Length; term++)
        {
            if (Volatile.Read(ref lists[term]) is not null)
                terms.Add(term);
        }

        return [.. terms];
    }

    public override bool TryGetPostings(int term, int documents, out Postings postings)
    {
        var lists = Volatile.Read(ref _lists);
        if (term < lists.Length && Volatile.Read(ref lists[term]) is { } list)
            return list.TryRead(documents, out postings);

        postings = default;
        return false;
    }

    private void Grow()
    {
        // Readers keep the arrays that they have; what they may read is in both.
        var capacity = Math.Min(MaxDocuments, 2 * _slots.Length);
        Volatile.Write(ref _slots, Larger(_slots, capacity));
        Volatile.Write(ref _lengths, Larger(_lengths, capacity));
        Volatile.Write(ref _records, Larger(_records, capacity));
    }

    private void GrowLists(int term) =>
        Volatile.Write(ref _lists, Larger(_lists, Math.Max(term + 1, Math.Max(256, 2 * _lists.Length))));

    private static T[] Larger<T>(T[] array, int length)
    {
        Array.Resize(ref array, length);
        return array;
    }
}
