namespace Data.Vector.TextSearch;

/// <summary>The postings of a term in the segment that takes new documents: one writer, readers without a lock.</summary>
internal sealed class PostingList
{
    // The object and two arrays, on 64 bits.
    public const int EmptyBytes = 48 + (2 * 24);

    private ushort[] _documents = new ushort[2];
    private byte[] _frequencies = new byte[2];
    private int _count;
    private int _maxFrequency;
    private int _minLength = int.MaxValue;

    /// <summary>Adds a document that is higher than all before it; returns the bytes by which the list grew.</summary>
    public int Add(ushort document, byte frequency, int length)
    {
        var grown = 0;
        if (_count == _documents.Length)
        {
            grown = 3 * _count;
            Array.Resize(ref _documents, 2 * _count);
            var frequencies = _frequencies;
            Array.Resize(ref frequencies, 2 * _count);
            Volatile.Write(ref _frequencies, frequencies);
        }

        _documents[_count] = document;
        _frequencies[_count] = frequency;
        _maxFrequency = Math.Max(_maxFrequency, frequency);
        _minLength = Math.Min(_minLength, length);

        // Last: who reads the count finds the rest.
        Volatile.Write(ref _count, _count + 1);
        return grown;
    }

    /// <summary>Returns the postings of the first documents of the segment.</summary>
    public bool TryRead(int documents, out Postings postings)
    {
        var count = Volatile.Read(ref _count);
        var list = Volatile.Read(ref _documents).AsSpan(0, count);
        while (list.Length > 0 && list[^1] >= documents)
            list = list[..^1];

        postings = new Postings(
            list,
            Volatile.Read(ref _frequencies).AsSpan(0, list.Length),
            Volatile.Read(ref _maxFrequency),
            Volatile.Read(ref _minLength));
        return list.Length > 0;
    }
}
