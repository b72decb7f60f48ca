namespace Data.Vector.TextSearch;

/// <summary>A segment that takes no more documents: the postings of all terms one after the other, three bytes each.</summary>
internal sealed class SealedSegment : TextSegment
{
    private readonly int[] _slots;
    private readonly int[] _lengths;
    private readonly VectorRecord?[] _records;

    public SealedSegment(int[] slots, int[] lengths, VectorRecord?[] records, SegmentPostings postings)
    {
        _slots = slots;
        _lengths = lengths;
        _records = records;
        Postings = postings;
    }

    public SegmentPostings Postings { get; }

    public override int Count => _slots.Length;

    public override ReadOnlySpan<int> Slots => _slots;

    public override ReadOnlySpan<int> Lengths => _lengths;

    public override Span<VectorRecord?> Records => _records;

    public override long Bytes => (16L * _slots.Length) + Postings.Bytes;

    public override int[] Terms() => Postings.Terms;

    public override bool TryGetPostings(int term, int documents, out Postings postings) => Postings.TryGet(term, out postings);
}
