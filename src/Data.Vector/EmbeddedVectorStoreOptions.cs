namespace Data.Vector;

/// <summary>Where a store in process keeps its collections, and how durable its writes are.</summary>
public sealed class EmbeddedVectorStoreOptions
{
    /// <summary>The folder of the collections; null keeps them in memory only. Default: null.</summary>
    /// <remarks>The store creates the folder when it does not exist. One process at a time can open it.</remarks>
    public string? Path { get; set; }

    /// <summary>
    /// The number of threads that one call with many records or searches may use; 0 means one per processor. Default: 0. Range: 0–1,024.
    /// </summary>
    public int MaxDegreeOfParallelism { get; set; }

    /// <summary>
    /// What an acknowledged write survives. Default: <see cref="VectorDurability.Durable"/>. Without effect in memory.
    /// </summary>
    public VectorDurability Durability { get; set; } = VectorDurability.Durable;

    /// <summary>
    /// The time between the acknowledgement of a write and its flush to disk in the relaxed mode. Default: 100 milliseconds.
    /// Range: 1 millisecond–1 minute.
    /// </summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The time after which a collection in a folder is closed when nobody uses it; the next call opens it again. Null keeps collections
    /// open until the store is disposed. Default: null. Range: 1 second–7 days.
    /// </summary>
    /// <remarks>It is closed after this time at the earliest and after twice as long at the latest.</remarks>
    public TimeSpan? CloseIdleAfter { get; set; }

    /// <summary>
    /// The number of collections in a folder that are open at a time; opening another one closes some that have not been used lately.
    /// Default: 1,000. Range: 1–4,000.
    /// </summary>
    /// <remarks>
    /// The limit is exceeded while all are in use. A large collection takes up to 16 memory mappings, of which a process has 65,530 on
    /// Linux. Without effect in memory, where nothing can be closed.
    /// </remarks>
    public int MaxOpenCollections { get; set; } = 1_000;

    /// <summary>
    /// The recall of its searches below which a collection is reported, by the log and as degraded by the health check. Default: 0.9.
    /// Range: 0–1; 0 measures nothing.
    /// </summary>
    /// <remarks>
    /// A collection with an HNSW index and at least 1,000 records is measured in the background when it is opened and when a quarter of its
    /// records have changed: 10 to 100 searches near its own vectors, for the nearest 10 at its <see cref="HnswOptions.EfSearch"/>, are
    /// compared with exact ones. A measurement uses one processor at a time.
    /// </remarks>
    public double MinRecall { get; set; } = 0.9;

    /// <summary>
    /// The bytes of journal after which a snapshot is written in the background. Default: 33,554,432 (32 MiB).
    /// Range: 65,536–68,719,476,736 (64 GiB).
    /// </summary>
    /// <remarks>A lower value shortens the start after a crash; a higher one makes writes cheaper.</remarks>
    public long SnapshotJournalBytes { get; set; } = 32L << 20;
}
