namespace Data.Vector.TextSearch;

/// <summary>The postings of a sealed segment, as they lie in memory and in a snapshot.</summary>
/// <param name="Terms">The terms in ascending order.</param>
/// <param name="Starts">Where the postings of each term begin, and where those of the last end.</param>
/// <param name="MaxFrequencies">The highest frequency of each term.</param>
/// <param name="MinLengths">The length of the shortest document that has the term.</param>
/// <param name="Documents">The documents of all terms.</param>
/// <param name="Frequencies">Their frequencies.</param>
internal sealed record SegmentPostings(
    int[] Terms, int[] Starts, byte[] MaxFrequencies, int[] MinLengths, ushort[] Documents, byte[] Frequencies)
{
    public long Bytes => (13L * Terms.Length) + (3L * Documents.Length);

    /// <summary>Returns the same postings with the terms in ascending order.</summary>
    public SegmentPostings Ordered()
    {
        var places = Enumerable.Range(0, Terms.Length).ToArray();
        var terms = (int[])Terms.Clone();
        Array.Sort(terms, places);
        if (terms.AsSpan().SequenceEqual(Terms))
            return this;

        var (documents, frequencies) = (new ushort[Documents.Length], new byte[Documents.Length]);
        var starts = new int[Starts.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var (start, end) = (Starts[places[i]], Starts[places[i] + 1]);
            Documents.AsSpan(start..end).CopyTo(documents.AsSpan(starts[i]));
            Frequencies.AsSpan(start..end).CopyTo(frequencies.AsSpan(starts[i]));
            starts[i + 1] = starts[i] + end - start;
        }

        return new SegmentPostings(
            terms,
            starts,
            Array.ConvertAll(places, place => MaxFrequencies[place]),
            Array.ConvertAll(places, place => MinLengths[place]),
            documents,
            frequencies);
    }

    public bool TryGet(int term, out Postings postings)
    {
        var place = Array.BinarySearch(Terms, term);
        if (place < 0)
        {
            postings = default;
            return false;
        }

        var (start, end) = (Starts[place], Starts[place + 1]);
        postings = new Postings(
            Documents.AsSpan(start..end),
            Frequencies.AsSpan(start..end),
            MaxFrequencies[place],
            MinLengths[place]);
        return true;
    }
}
