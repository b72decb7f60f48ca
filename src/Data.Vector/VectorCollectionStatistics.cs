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
    /// objects. The indexes over metadata keys that filters name are not counted, nor are records that have not been read from disk yet.
    /// </summary>
    public long RecordBytes { get; init; }

    /// <summary>
    /// Bytes of the index over the words of texts, an estimate; 0 when there is none, or while it is being built. They are managed objects.
    /// </summary>
    public long TextIndexBytes { get; init; }

    /// <summary>
    /// <see cref="IndexBytes"/>, <see cref="RecordBytes"/> and <see cref="TextIndexBytes"/>: the memory of the collection.
    /// </summary>
    public long TotalBytes => IndexBytes + RecordBytes + TextIndexBytes;

    /// <summary>Bytes of journal that opening would replay; 0 in memory.</summary>
    public required long JournalBytes { get; init; }

    /// <summary>
    /// Records that the last check found unreachable and could not link again; null before the first check. See
    /// <see cref="EmbeddedVectorStore.VerifyReachabilityAsync"/>.
    /// </summary>
    public long? UnreachableRecords { get; init; }

    /// <summary>
    /// Whether searches walk the graph by codes. False for a flat index, with <see cref="QuantizationMode.None"/>, below 256 records, and
    /// while no codes tell the vectors apart, such as vectors whose scales differ by orders of magnitude: then they read the floats.
    /// </summary>
    public bool UsesCodes { get; init; }

    /// <summary>How often codes in use were found unfit for the vectors, since the collection was opened.</summary>
    public long CodeFailures { get; init; }

    /// <summary>
    /// Records that the graph still links anew in the background, because codes that did not tell them apart linked them. Searches may
    /// miss some of them until then.
    /// </summary>
    public long RelinkingRecords { get; init; }

    /// <summary>
    /// The share of the nearest ten records that searches found in the last measurement; null before the first. See
    /// <see cref="EmbeddedVectorStoreOptions.MinRecall"/>.
    /// </summary>
    public double? Recall { get; init; }

    /// <summary><see cref="IndexBytes"/> over <see cref="Records"/>; 0 when there are none.</summary>
    public double BytesPerVector => Records == 0 ? 0 : (double)IndexBytes / Records;
}
