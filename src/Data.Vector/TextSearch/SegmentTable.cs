namespace Data.Vector.TextSearch;

/// <summary>The segments of an index: one open, the others sealed or about to be. Changed under the lock of the index.</summary>
internal sealed class SegmentTable
{
    private const int DocumentBits = 16;

    private readonly List<TextSegment?> _byNumber = [];
    private readonly int _limit;
    private TextSegment[] _all = [];

    /// <summary>Creates a table with an open segment.</summary>
    /// <param name="limit">The highest number of documents in a segment.</param>
    public SegmentTable(int limit)
    {
        _limit = limit;
        Renew();
    }

    /// <summary>The segments; the array is never changed.</summary>
    public TextSegment[] All => Volatile.Read(ref _all);

    public OpenSegment Open { get; private set; } = null!;

    public int OpenNumber { get; private set; }

    /// <summary>Returns the segment of a document, and its number there.</summary>
    public TextSegment Find(int number, out int document)
    {
        document = number & (TextSegment.MaxDocuments - 1);
        return _byNumber[number >> DocumentBits]!;
    }

    /// <summary>Returns the number of a document in the index.</summary>
    public static int Document(int segment, int document) => (segment << DocumentBits) | document;

    public int Add(TextSegment segment)
    {
        var number = _byNumber.IndexOf(null);
        if (number < 0)
        {
            number = _byNumber.Count;
            _byNumber.Add(segment);
        }

        _byNumber[number] = segment;
        Volatile.Write(ref _all, [.. _all, segment]);
        return number;
    }

    /// <summary>Opens a new segment; the one before it takes no more documents, and is merged in the background.</summary>
    public void Renew()
    {
        Open = new OpenSegment();
        OpenNumber = Add(Open);
    }

    /// <summary>Puts the segment that several were merged into in their place, unless it is empty; returns its number.</summary>
    public int Replace(TextSegment[] sources, TextSegment merged, out int[] numbers)
    {
        numbers = Array.ConvertAll(sources, source => _byNumber.IndexOf(source));
        Volatile.Write(ref _all, Array.FindAll(_all, segment => Array.IndexOf(sources, segment) < 0));
        var number = merged.Count == 0 ? 0 : Add(merged);
        foreach (var source in numbers)
            _byNumber[source] = null;

        return number;
    }

    /// <summary>
    /// Returns segments that are worth merging: those that are to be sealed, those of which half was removed, and small ones.
    /// </summary>
    public TextSegment[] NextToMerge()
    {
        var chosen = new List<TextSegment>();
        var live = 0;
        foreach (var segment in _all)
        {
            if (segment == Open || (segment is SealedSegment && segment.Live > _limit / 2)
                || live + segment.Live > _limit)
            {
                continue;
            }

            chosen.Add(segment);
            live += segment.Live;
        }

        return chosen.Count > 1 || chosen.Exists(static segment => segment is OpenSegment || segment.Dead >= segment.Live)
            ? [.. chosen]
            : [];
    }
}
