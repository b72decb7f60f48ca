using System.Globalization;
using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;
using Data.Vector.Storage;
using Data.Vector.Telemetry;
using Data.Vector.TextSearch;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Embedded;

/// <summary>
/// Writes snapshots of a collection when its journal has grown, so that opening maps a file instead of repeating every write.
/// </summary>
/// <remarks>
/// Writes wait only while the journal changes to a new segment and the state is captured; the files are written while writes continue. The
/// order makes a crash at any point harmless: both files are on disk under their names before the manifest names them, and the older
/// journal is removed after that. A snapshot that fails leaves everything as it was; the next attempt follows after as much journal again.
/// After a failed flush nothing is removed and nothing more is written.
/// </remarks>
internal sealed class SnapshotKeeper(
    string folder,
    CollectionManifest manifest,
    JournalWriter journal,
    long journalBytes,
    long olderBytes,
    TimeProvider time,
    ILogger logger)
{
    private const string IndexSuffix = ".index", TemporarySuffix = ".tmp";

    // On closing, a journal of this share of the limit justifies a snapshot: the next start is faster.
    private const int ClosingShare = 16;

    private readonly Lock _manifestGate = new();
    private CollectionManifest _manifest = manifest;
    private long _olderBytes = olderBytes;
    private long _takenAt = time.GetTimestamp();

    /// <summary>Bytes of journal that opening would replay.</summary>
    public long JournalBytes => journal.SegmentBytes + Volatile.Read(ref _olderBytes);

    /// <summary>Time since the last snapshot, or since the collection was opened.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _takenAt));

    public bool IsDue => JournalBytes >= journalBytes;

    public bool IsDueOnClose => JournalBytes >= Math.Max(JournalSegment.HeaderSize + 1, journalBytes / ClosingShare);

    public static string IndexFileName(long snapshot) => $"snapshot-{snapshot.ToString("D8", CultureInfo.InvariantCulture)}{IndexSuffix}";

    /// <summary>Removes the files that a crash left: unfinished ones, and those that a newer snapshot replaced.</summary>
    public static void RemoveLeftovers(string folder, CollectionManifest manifest)
    {
        var leftovers = Leftovers(folder, manifest);
        if (leftovers.Count == 0)
            return;

        // The process that saved the manifest may have failed to flush it, and the disk may still hold the older one, which needs them.
        manifest.Save(folder);
        leftovers.ForEach(TryDelete);
    }

    /// <summary>Writes a snapshot. Call it once at a time.</summary>
    /// <returns>Whether it was written; if not, the log has the reason, and the collection continues as before.</returns>
    public async Task<bool> TakeAsync(WriteGate gate, StoredRecords records)
    {
        var started = time.GetTimestamp();
        var number = _manifest.Snapshot + 1;
        try
        {
            await records.WhenReadAsync(CancellationToken.None).ConfigureAwait(false);
            var (position, capture, captured, text) = await CaptureAsync(gate, records).ConfigureAwait(false);
            using (capture)
                WriteFiles(number, capture, captured, text);

            Change(manifest => manifest with
            {
                Snapshot = number,
                FirstSegment = position.Segment,
                InvertedKeys = records.Metadata.InvertedKeys,
                SortedKeys = records.Metadata.SortedKeys,
            });
            Volatile.Write(ref _olderBytes, 0);
            Volatile.Write(ref _takenAt, time.GetTimestamp());
            RemoveReplaced();
            var bytes = new FileInfo(Path.Combine(folder, IndexFileName(number))).Length
                + new FileInfo(Path.Combine(folder, RecordsFile.FileName(number))).Length;
            VectorTelemetry.SnapshotEnded(time.GetElapsedTime(started), bytes, failure: null);
            VectorLog.SnapshotTaken(logger, _manifest.Name, records.Index.Count, bytes, time.GetElapsedTime(started));
            return true;
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception) || exception is DataVectorException)
        {
            if (exception is DiskStateUnknownException unknown)
                journal.Stop(unknown);

            // The older segments stay; counting them again would only start the next attempt too soon.
            Volatile.Write(ref _olderBytes, 0);
            TryDelete(Path.Combine(folder, IndexFileName(number) + TemporarySuffix));
            TryDelete(Path.Combine(folder, RecordsFile.FileName(number) + TemporarySuffix));
            VectorTelemetry.SnapshotEnded(time.GetElapsedTime(started), 0, exception);
            VectorLog.SnapshotFailed(logger, _manifest.Name, exception);
            return false;
        }
    }

    /// <summary>Writes other options to the manifest.</summary>
    public void Change(VectorCollectionOptions options) => Change(manifest => manifest with { Options = options });

    private void Change(Func<CollectionManifest, CollectionManifest> change)
    {
        lock (_manifestGate)
        {
            // Before it is on disk: when saving fails half-way the disk may have it, and its number must not be given to other files.
            _manifest = change(_manifest);
            try
            {
                _manifest.Save(folder);
            }
            catch (DiskStateUnknownException exception)
            {
                journal.Stop(exception);
                throw;
            }
        }
    }

    private void RemoveReplaced()
    {
        // Changed options are saved under another name first, which must not be taken for a leftover.
        lock (_manifestGate)
            Leftovers(folder, _manifest).ForEach(TryDelete);
    }

    /// <summary>Returns the collection's files that the manifest does not name; files of others are left alone.</summary>
    private static List<string> Leftovers(string folder, CollectionManifest manifest)
    {
        return [.. Directory.EnumerateFiles(folder).Where(path => IsStale(Path.GetFileName(path)))];

        bool IsStale(string name)
        {
            var isTemporary = name.EndsWith(TemporarySuffix, StringComparison.Ordinal);
            var final = isTemporary ? name[..^TemporarySuffix.Length] : name;
            if (Number(final, "snapshot-", IndexSuffix) is { } index)
                return isTemporary || index != manifest.Snapshot;

            if (Number(final, "snapshot-", ".records") is { } records)
                return isTemporary || records != manifest.Snapshot;

            return Number(final, "journal-", ".log") is { } segment
                ? isTemporary || segment < manifest.FirstSegment
                : isTemporary && final == CollectionManifest.FileName;
        }
    }

    private static long? Number(string name, string before, string after) =>
        name.StartsWith(before, StringComparison.Ordinal) && name.EndsWith(after, StringComparison.Ordinal)
            && name.Length > before.Length + after.Length
            && long.TryParse(name.AsSpan()[before.Length..^after.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private async Task<(JournalPosition Position, IndexSnapshot Index, object?[] Cells, TextIndex? Text)> CaptureAsync(
        WriteGate gate,
        StoredRecords records)
    {
        await gate.EnterAloneAsync().ConfigureAwait(false);
        try
        {
            var position = await journal.RotateAsync().ConfigureAwait(false);
            var (index, cells, text) = records.Capture();
            return (position, index, cells, text);
        }
        finally
        {
            gate.ExitAlone();
        }
    }

    private void WriteFiles(long number, IndexSnapshot capture, object?[] cells, TextIndex? text)
    {
        var indexPath = Path.Combine(folder, IndexFileName(number));
        var recordsPath = Path.Combine(folder, RecordsFile.FileName(number));

        // Left by a failed attempt.
        File.Delete(indexPath + TemporarySuffix);
        File.Delete(recordsPath + TemporarySuffix);
        capture.WriteTo(
            indexPath + TemporarySuffix,
            writer =>
            {
                if (text is not null)
                    TextSnapshot.Write(writer, text, cells);
            },
            CancellationToken.None);
        var records = Array.ConvertAll(cells, static cell => RecordVersion.Next(ref cell));
        RecordsFile.Write(recordsPath + TemporarySuffix, _manifest.Id, number, records, CancellationToken.None);
        File.Move(indexPath + TemporarySuffix, indexPath, overwrite: true);
        File.Move(recordsPath + TemporarySuffix, recordsPath, overwrite: true);
        DurableFile.FlushFolder(folder);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            // Windows keeps a file that is mapped; the next opening removes it.
        }
    }
}
