namespace Data.Vector;

/// <summary>How large a collection in process is.</summary>
public sealed record VectorCollectionStatistics
{
    /// <summary>Records held.</summary>
    public required long Records { get; init; }

    /// <summary>
    /// Bytes of the index: vectors, codes and links, those of deleted records that are not reused yet included. Ids, texts and metadata are
    /// objects of the runtime and are not counted.
    /// </summary>
    public required long IndexBytes { get; init; }

    /// <summary>The part of <see cref="IndexBytes"/> that is mapped from a file: the system may evict it.</summary>
    public required long MappedBytes { get; init; }

    /// <summary>Bytes of journal that opening would replay; 0 in memory.</summary>
    public required long JournalBytes { get; init; }

    /// <summary><see cref="IndexBytes"/> over <see cref="Records"/>; 0 when there are none.</summary>
    public double BytesPerVector => Records == 0 ? 0 : (double)IndexBytes / Records;
}
