namespace Data.Vector.TextSearch;

/// <summary>
/// Up to 65,536 documents and the postings of their terms. Documents are only added; one that is removed loses its record.
/// </summary>
/// <remarks>Readers take no lock. Records are removed under the lock of the index.</remarks>
internal abstract class TextSegment
{
    public const int MaxDocuments = 1 << 16;

    /// <summary>The documents so far, removed ones included; what they consist of is complete.</summary>
    public abstract int Count { get; }

    /// <summary>Documents that were removed.</summary>
    public int Dead { get; private set; }

    public int Live => Count - Dead;

    /// <summary>The slot of each document.</summary>
    public abstract ReadOnlySpan<int> Slots { get; }

    /// <summary>The number of terms in each document.</summary>
    public abstract ReadOnlySpan<int> Lengths { get; }

    /// <summary>The record of each document; null when it was removed.</summary>
    public abstract Span<VectorRecord?> Records { get; }

    /// <summary>The terms that have postings, in ascending order.</summary>
    public abstract int[] Terms();

    /// <summary>Returns the postings of a term among the first documents; false when there are none.</summary>
    public abstract bool TryGetPostings(int term, int documents, out Postings postings);

    /// <summary>The memory of the segment, an estimate.</summary>
    public abstract long Bytes { get; }

    /// <summary>Removes a document; returns its record, if it had one.</summary>
    public VectorRecord? Remove(int document)
    {
        var record = Records[document];
        Records[document] = null;
        Dead++;
        return record;
    }
}
