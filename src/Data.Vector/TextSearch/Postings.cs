namespace Data.Vector.TextSearch;

/// <summary>The documents of a segment that have a term, in ascending order.</summary>
/// <param name="documents">The documents.</param>
/// <param name="frequencies">How often each of them has the term; 255 stands for as many or more.</param>
/// <param name="maxFrequency">No frequency is higher.</param>
/// <param name="minLength">No document is shorter.</param>
internal readonly ref struct Postings(
    ReadOnlySpan<ushort> documents, ReadOnlySpan<byte> frequencies, int maxFrequency, int minLength)
{
    public ReadOnlySpan<ushort> Documents { get; } = documents;

    public ReadOnlySpan<byte> Frequencies { get; } = frequencies;

    public int MaxFrequency { get; } = maxFrequency;

    public int MinLength { get; } = minLength;
}
