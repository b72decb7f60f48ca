namespace Data.Vector.TextSearch;

/// <summary>Makes one sealed segment of the documents of several segments that are still there.</summary>
/// <remarks>Reads the segments while documents are removed from them; the caller deals with those removed since.</remarks>
internal sealed class SegmentMerge
{
    private const int Gone = -1;

    private readonly TextSegment[] _sources;
    private readonly int[] _counts;
    private readonly int[][] _places;
    private readonly List<int> _slots = [];
    private readonly List<int> _lengths = [];
    private readonly List<VectorRecord?> _records = [];

    /// <summary>Chooses the documents.</summary>
    /// <param name="sources">The segments, with at most <see cref="TextSegment.MaxDocuments"/> documents to keep.</param>
    /// <param name="keep">Whether to keep a document, given its slot and record.</param>
    public SegmentMerge(TextSegment[] sources, Func<int, VectorRecord, bool> keep)
    {
        _sources = sources;
        _counts = Array.ConvertAll(sources, static source => source.Count);
        _places = new int[sources.Length][];
        for (var i = 0; i < sources.Length; i++)
            _places[i] = Choose(sources[i], _counts[i], keep);
    }

    public int Count => _slots.Count;

    /// <summary>Returns where a document of a source lies in the result; negative when it was not kept.</summary>
    public int Place(int source, int document) => document < _counts[source] ? _places[source][document] : Gone;

    public SealedSegment Run()
    {
        var terms = Terms();
        var starts = new List<int>(terms.Length + 1);
        var kept = new List<int>(terms.Length);
        var (maxFrequencies, minLengths) = (new List<byte>(terms.Length), new List<int>(terms.Length));
        var (documents, frequencies) = (new List<ushort>(), new List<byte>());
        foreach (var term in terms)
        {
            var (start, max, min) = (documents.Count, 0, int.MaxValue);
            for (var i = 0; i < _sources.Length; i++)
                Append(i, term, documents, frequencies, ref max, ref min);

            if (documents.Count == start)
                continue;

            kept.Add(term);
            starts.Add(start);
            maxFrequencies.Add((byte)max);
            minLengths.Add(min);
        }

        starts.Add(documents.Count);
        var postings = new SegmentPostings([.. kept], [.. starts], [.. maxFrequencies], [.. minLengths], [.. documents], [.. frequencies]);
        return new SealedSegment([.. _slots], [.. _lengths], [.. _records], postings);
    }

    private int[] Choose(TextSegment source, int count, Func<int, VectorRecord, bool> keep)
    {
        var places = new int[count];
        var slots = source.Slots;
        var lengths = source.Lengths;
        var records = source.Records;
        for (var document = 0; document < count; document++)
        {
            places[document] = Gone;
            if (Volatile.Read(ref records[document]) is not { } record || !keep(slots[document], record))
                continue;

            places[document] = _slots.Count;
            _slots.Add(slots[document]);
            _lengths.Add(lengths[document]);
            _records.Add(record);
        }

        return places;
    }

    private int[] Terms()
    {
        if (_sources.Length == 1)
            return _sources[0].Terms();

        var all = new SortedSet<int>();
        foreach (var source in _sources)
            all.UnionWith(source.Terms());

        return [.. all];
    }

    private void Append(int source, int term, List<ushort> documents, List<byte> frequencies, ref int max, ref int min)
    {
        if (!_sources[source].TryGetPostings(term, _counts[source], out var postings))
            return;

        var places = _places[source];
        for (var i = 0; i < postings.Documents.Length; i++)
        {
            var place = places[postings.Documents[i]];
            if (place < 0)
                continue;

            documents.Add((ushort)place);
            frequencies.Add(postings.Frequencies[i]);
            max = Math.Max(max, postings.Frequencies[i]);
            min = Math.Min(min, _lengths[place]);
        }
    }
}
