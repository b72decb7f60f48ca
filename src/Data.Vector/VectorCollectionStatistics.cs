namespace Data.Vector;

/// <summary>The size of a collection in process.</summary>
public sealed record VectorCollectionStatistics
{
    /// <summary>Records held.</summary>
    public required long Records { get; init; }

    /// <summary>
    /// Bytes of the index: vectors, codes and links, including those of deleted records whose space is not yet reused.
    /// </summary>
    public required long IndexBytes { get; init; }

    /// <summary>The part of <see cref="IndexBytes"/> that is mapped from a file; the operating system can evict it.</summary>
    public required long MappedBytes { get; init; }

    /// <summary>
    /// Bytes of the records without their vectors, an estimate: ids, texts, metadata, and the tables that lead to them. They are managed
    /// objects. The indexes over metadata keys that filters name are not counted.
    /// </summary>
    public long RecordBytes { get; init; }

    /// <summary><see cref="IndexBytes"/> and <see cref="RecordBytes"/>: the memory of the collection.</summary>
    public long TotalBytes => IndexBytes + RecordBytes;

    /// <summary>Bytes of journal that opening would replay; 0 in memory.</summary>
    public required long JournalBytes { get; init; }

    /// <summary>
    /// Records that the last check found unreachable and could not link again; null before the first check. See
    /// <see cref="EmbeddedVectorStore.VerifyReachabilityAsync"/>.
    /// </summary>
    public long? UnreachableRecords { get; init; }

    /// <summary><see cref="IndexBytes"/> over <see cref="Records"/>; 0 when there are none.</summary>
    public double BytesPerVector => Records == 0 ? 0 : (double)IndexBytes / Records;
}
