using Microsoft.Extensions.Logging;

namespace Data.Vector.Telemetry;

/// <summary>The log messages of the package: events 3000 to 3999.</summary>
internal static partial class VectorLog
{
    [LoggerMessage(
        3000,
        LogLevel.Information,
        "Collection {Collection} opened: {Count} records, {Entries} journal entries replayed in {Elapsed}.")]
    public static partial void CollectionOpened(ILogger logger, string collection, long count, long entries, TimeSpan elapsed);

    [LoggerMessage(
        3001,
        LogLevel.Warning,
        "The journal of {Collection} ended in {TornBytes} bytes of a write that was never acknowledged; they were dropped.")]
    public static partial void TornEndDropped(ILogger logger, string collection, long tornBytes);

    [LoggerMessage(3002, LogLevel.Error, "A write to the journal in {Folder} was rejected by the disk; nothing of it is kept.")]
    public static partial void WriteRefused(ILogger logger, string folder, Exception exception);

    [LoggerMessage(
        3003,
        LogLevel.Critical,
        "A flush to disk of the collection in {Folder} failed; it rejects writes until it is reopened.")]
    public static partial void JournalFailed(ILogger logger, string folder, Exception exception);

    [LoggerMessage(
        3004,
        LogLevel.Warning,
        "The commit mark of {Collection} is missing; damage at the end of the journal would be taken for a torn write.")]
    public static partial void CommitMarkMissing(ILogger logger, string collection);

    [LoggerMessage(3005, LogLevel.Error, "The manifest in folder {Folder} is damaged; its collection cannot be opened.")]
    public static partial void ManifestDamaged(ILogger logger, string folder, Exception exception);

    [LoggerMessage(3006, LogLevel.Debug, "A snapshot of {Collection} was written: {Count} records, {Bytes} bytes in {Elapsed}.")]
    public static partial void SnapshotTaken(ILogger logger, string collection, long count, long bytes, TimeSpan elapsed);

    [LoggerMessage(
        3007,
        LogLevel.Error,
        "A snapshot of {Collection} could not be written; the journal keeps everything, and another is tried when it has grown.")]
    public static partial void SnapshotFailed(ILogger logger, string collection, Exception exception);

    [LoggerMessage(
        3012,
        LogLevel.Warning,
        "A text of {Collection} could not be indexed, or the saved text index could not be read; the saved index is rebuilt, and a text "
        + "that the analyzer rejects is found by its vector only.")]
    public static partial void TextIndexFailed(ILogger logger, string collection, Exception exception);

    [LoggerMessage(
        3021,
        LogLevel.Warning,
        "The codes of {Collection} no longer told its vectors apart; searches now read {Replacement}, {Count} records are linked anew.")]
    public static partial void CodesFailed(ILogger logger, string collection, string replacement, int count);

    [LoggerMessage(
        3022,
        LogLevel.Error,
        "The records of {Collection} are damaged on disk; calls that need one of them fail, and no snapshot is written.")]
    public static partial void RecordsDamaged(ILogger logger, string collection, Exception exception);

    [LoggerMessage(
        3023,
        LogLevel.Warning,
        "Searches of {Collection} find {Recall:0.000} of the nearest records; the limit is {Limit}. Raise EfSearch, or tune it.")]
    public static partial void RecallLow(ILogger logger, string collection, double recall, double limit);

    [LoggerMessage(3020, LogLevel.Error, "Closing the idle collection {Collection} failed.")]
    public static partial void IdleCloseFailed(ILogger logger, string collection, Exception exception);

    [LoggerMessage(3008, LogLevel.Warning, "A request to {Server} failed and is repeated in {Delay} (retry {Retry}).")]
    public static partial void RequestRepeated(ILogger logger, string server, int retry, TimeSpan delay, Exception exception);

    [LoggerMessage(3009, LogLevel.Warning, "The vector store does not work: the probe failed at step {Step}.")]
    public static partial void ProbeFailed(ILogger logger, string step, Exception? exception);

    [LoggerMessage(3010, LogLevel.Information, "The vector store works: the probe took {Elapsed}.")]
    public static partial void ProbeSucceeded(ILogger logger, TimeSpan elapsed);
}
