using Data.Vector.Collections;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;
using Data.Vector.Storage;
using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Embedded;

/// <summary>Creates collections, and opens those that a folder holds.</summary>
internal sealed class CollectionLoader(EmbeddedVectorStoreOptions options, Embedder? embedder, TimeProvider time, ILogger logger)
{
    private readonly int _parallelism = options.MaxDegreeOfParallelism == 0 ? Environment.ProcessorCount : options.MaxDegreeOfParallelism;
    private readonly TimeSpan? _flushInterval = options.Durability == VectorDurability.Relaxed ? options.FlushInterval : null;

    /// <summary>Takes the texts of collections apart. Set it before the first of them is opened.</summary>
    public ITextAnalyzer TextAnalyzer { get; set; } = UnicodeTextAnalyzer.Instance;

    public EmbeddedCollection InMemory(string name, VectorCollectionOptions shape)
    {
        var records = Prepare(Empty(name, shape), name, shape, snapshot: null);
        return new EmbeddedCollection(name, shape, embedder, records, NullJournal.Instance, keeper: null, Monitor(name, records));
    }

    public (EmbeddedCollection Collection, string Folder) Create(string root, string name, VectorCollectionOptions shape)
    {
        var manifest = new CollectionManifest { Id = Guid.NewGuid(), Name = name, Options = shape };
        var folder = CollectionFolder.Create(root, manifest, path =>
        {
            // Written and closed here, so that the folder is complete when it appears under its name.
            var writer = JournalWriter.Create(path, manifest.Id, null, time, logger);
            writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        });
        return (Open(folder), folder);
    }

    public EmbeddedCollection Open(string folder)
    {
        var started = time.GetTimestamp();
        var manifest = CollectionManifest.Load(folder);
        SnapshotKeeper.RemoveLeftovers(folder, manifest);
        var snapshot = manifest.Snapshot == 0 ? null : Path.Combine(folder, SnapshotKeeper.IndexFileName(manifest.Snapshot));
        var records = Prepare(OpenSnapshot(folder, manifest), manifest.Name, manifest.Options, snapshot);
        CommitMark? mark = null;
        try
        {
            mark = OpenMark(folder, manifest.Name);
            var entries = 0L;
            var (end, torn) = JournalReader.Read(folder, manifest.Id, manifest.FirstSegment, mark?.Position, entry =>
            {
                Replay(entry.Span, records);
                entries++;
            });
            if (torn > 0)
                VectorLog.TornEndDropped(logger, manifest.Name, torn);

            var older = OlderBytes(folder, manifest, end.Segment);
            mark ??= CommitMark.Create(folder, new JournalPosition(end.Segment, JournalSegment.HeaderSize, end.Sequence));
            var writer = JournalWriter.Continue(folder, manifest.Id, end, mark, _flushInterval, time, logger);
            var keeper = new SnapshotKeeper(
                folder,
                manifest,
                writer,
                options.SnapshotJournalBytes,
                older,
                time,
                logger);
            VectorLog.CollectionOpened(logger, manifest.Name, records.Count, entries, time.GetElapsedTime(started));
            records.Unread?.Begin(exception => VectorLog.RecordsDamaged(logger, manifest.Name, exception));
            var (inverted, sorted) = (manifest.InvertedKeys ?? [], manifest.SortedKeys ?? []);
            if (inverted.Count + sorted.Count > 0)
                _ = Task.Run(() => BuildIndexesAsync(records, inverted, sorted));

            return new EmbeddedCollection(
                manifest.Name, manifest.Options, embedder, records, new FileJournal(writer), keeper, Monitor(manifest.Name, records));
        }
        catch (Exception exception)
        {
            mark?.Dispose();
            records.Unread?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            records.Dispose();
            throw exception is InvalidDataException ? Damaged(manifest, exception) : exception;
        }
    }

    private static async Task BuildIndexesAsync(StoredRecords records, IReadOnlyList<string> inverted, IReadOnlyList<string> sorted)
    {
        // Where records are damaged this ends here; whoever filters by the keys hears of it.
        await records.WhenReadAsync(CancellationToken.None).ConfigureAwait(false);
        records.Metadata.Build(inverted, sorted);
    }

    private static VectorStoreCorruptException Damaged(CollectionManifest manifest, Exception exception) =>
        new($"Collection '{manifest.Name}' cannot be opened: {exception.Message}", exception);

    private static long OlderBytes(string folder, CollectionManifest manifest, long newest)
    {
        var bytes = 0L;
        for (var segment = manifest.FirstSegment; segment < newest; segment++)
            bytes += new FileInfo(Path.Combine(folder, JournalSegment.FileName(segment))).Length;

        return bytes;
    }

    /// <summary>Applies an entry of the journal.</summary>
    private static void Replay(ReadOnlySpan<byte> entry, StoredRecords records)
    {
        var (put, deleted) = FileJournal.Parse(entry);
        if (put.Count > 0)
            records.Put([.. put]);

        records.Delete(deleted);
    }

    private StoredRecords Empty(string name, VectorCollectionOptions shape) =>
        new(Watched(name, NewIndex(shape)), _parallelism, TextAnalyzer);

    /// <summary>Begins to read or to build the text index, before the records change.</summary>
    private StoredRecords Prepare(StoredRecords records, string name, VectorCollectionOptions shape, string? snapshot)
    {
        records.Text.Failed = exception => VectorLog.TextIndexFailed(logger, name, exception);
        if (shape.TextIndex == VectorTextIndex.None)
            return records;

        records.Metadata.Words = records.Text;
        if (snapshot is not null)
            records.Text.Restore(snapshot);

        if (shape.TextIndex == VectorTextIndex.Always)
            records.Text.Begin();

        return records;
    }

    /// <summary>Returns the records of the last snapshot; none when there is no snapshot.</summary>
    private StoredRecords OpenSnapshot(string folder, CollectionManifest manifest)
    {
        if (manifest.Snapshot == 0)
            return Empty(manifest.Name, manifest.Options);

        VectorIndex? index = null;
        try
        {
            var path = Path.Combine(folder, SnapshotKeeper.IndexFileName(manifest.Snapshot));
            index = manifest.Options.Index == VectorIndexKind.Flat ? FlatIndex.Open(path) : HnswIndex.Open(path);
            if (index.Dimension != manifest.Options.Dimensions || index.Metric != manifest.Options.Metric)
                throw new InvalidDataException($"{Path.GetFileName(path)} belongs to a collection of another shape.");

            var records = new StoredRecords(Watched(manifest.Name, index), _parallelism, TextAnalyzer);
            records.Restore(new RecordsReader(folder, manifest.Id, manifest.Snapshot));
            return records;
        }
        catch (Exception exception)
        {
            index?.Dispose();
            throw exception is InvalidDataException or FileNotFoundException ? Damaged(manifest, exception) : exception;
        }
    }

    private Func<Func<int>, RecallMonitor> Monitor(string name, StoredRecords records) => efSearch =>
        new RecallMonitor(records, efSearch, options.MinRecall, recall => VectorLog.RecallLow(logger, name, recall, options.MinRecall));

    /// <summary>Has the index say when its codes fail.</summary>
    private VectorIndex Watched(string name, VectorIndex index)
    {
        if (index is HnswIndex graph)
        {
            graph.CodesFailed = nodes =>
            {
                VectorTelemetry.CodesFailed(name);
                VectorLog.CodesFailed(logger, name, graph.WalksCodes ? "other codes" : "floats", nodes);
            };
        }

        return index;
    }

    private CommitMark? OpenMark(string folder, string name)
    {
        if (File.Exists(Path.Combine(folder, CommitMark.FileName)))
            return CommitMark.Open(folder);

        VectorLog.CommitMarkMissing(logger, name);
        return null;
    }

    private static VectorIndex NewIndex(VectorCollectionOptions shape) => shape.Index == VectorIndexKind.Flat
        ? new FlatIndex(shape.Dimensions, shape.Metric, shape.Hnsw.Capacity)
        : new HnswIndex(new HnswParameters
        {
            Dimension = shape.Dimensions,
            Metric = shape.Metric,
            M = shape.Hnsw.M,
            EfConstruction = shape.Hnsw.EfConstruction,
            Capacity = shape.Hnsw.Capacity,
            Seed = shape.Hnsw.Seed,
            Quantization = shape.Hnsw.Quantization,
        });
}
