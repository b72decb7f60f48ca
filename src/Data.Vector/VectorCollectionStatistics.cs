namespace Data.Vector;

/// <summary>The size of a collection in process.</summary>
public sealed record VectorCollectionStatistics
{
    /// <summary>Records held.</summary>
    public required long Records { get; init; }

    /// <summary>
    /// Bytes of the index: vectors, codes and links, including those of deleted records whose space is not yet reused. Ids, texts and
    /// metadata are managed objects and are not counted.
    /// </summary>
    public required long IndexBytes { get; init; }

    /// <summary>The part of <see cref="IndexBytes"/> that is mapped from a file; the operating system can evict it.</summary>
    public required long MappedBytes { get; init; }

    /// <summary>Bytes of journal that opening would replay; 0 in memory.</summary>
    public required long JournalBytes { get; init; }

    /// <summary><see cref="IndexBytes"/> over <see cref="Records"/>; 0 when there are none.</summary>
    public double BytesPerVector => Records == 0 ? 0 : (double)IndexBytes / Records;
}
