namespace Data.Vector;

/// <summary>Where a store in process keeps its collections and how safely.</summary>
public sealed class EmbeddedVectorStoreOptions
{
    /// <summary>
    /// The folder that holds the collections; null, the default, keeps them in memory only. Made when it does not exist; one process at a
    /// time.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// Threads that one call with many records or searches may use. Default 0, which means one per processor; from 0 to 1,024.
    /// </summary>
    public int MaxDegreeOfParallelism { get; set; }

    /// <summary>What an acknowledged write survives. Default <see cref="VectorDurability.Durable"/>; without effect in memory.</summary>
    public VectorDurability Durability { get; set; } = VectorDurability.Durable;

    /// <summary>
    /// How long after its acknowledgement a write is on disk in the relaxed mode. Default 100 milliseconds, from 1 millisecond to 1 minute.
    /// </summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Bytes of journal after which a snapshot is written in the background: less makes starts after a crash quicker, more makes writing
    /// cheaper. Default 33,554,432 (32 MiB), from 65,536 to 68,719,476,736 (64 GiB).
    /// </summary>
    public long SnapshotJournalBytes { get; set; } = 32L << 20;
}
