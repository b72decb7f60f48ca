using Data.Vector.Collections;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;
using Data.Vector.Storage;
using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Embedded;

/// <summary>Makes collections, and opens those that a folder holds.</summary>
internal sealed class CollectionLoader(EmbeddedVectorStoreOptions options, Embedder? embedder, TimeProvider time, ILogger logger)
{
    private readonly int _parallelism = options.MaxDegreeOfParallelism == 0 ? Environment.ProcessorCount : options.MaxDegreeOfParallelism;
    private readonly TimeSpan? _flushInterval = options.Durability == VectorDurability.Relaxed ? options.FlushInterval : null;

    public EmbeddedCollection InMemory(string name, VectorCollectionOptions shape) =>
        Over(name, shape, NewIndex(shape));

    public EmbeddedCollection Create(string root, string name, VectorCollectionOptions shape, out string folder)
    {
        var manifest = new CollectionManifest { Id = Guid.NewGuid(), Name = name, Options = shape };
        folder = CollectionFolder.Create(root, manifest, path =>
        {
            // Written and closed here, so that the folder is complete when it appears under its name.
            var writer = JournalWriter.Create(path, manifest.Id, null, time, logger);
            writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        });
        return Open(folder);
    }

    public EmbeddedCollection Open(string folder)
    {
        var started = time.GetTimestamp();
        var manifest = CollectionManifest.Load(folder);
        SnapshotKeeper.RemoveLeftovers(folder, manifest);
        var collection = OpenSnapshot(folder, manifest);
        CommitMark? mark = null;
        try
        {
            mark = OpenMark(folder, manifest.Name);
            var entries = 0L;
            var (end, torn) = JournalReader.Read(folder, manifest.Id, manifest.FirstSegment, mark?.Position, entry =>
            {
                collection.Replay(entry.Span);
                entries++;
            });
            if (torn > 0)
                VectorLog.TornEndDropped(logger, manifest.Name, torn);

            mark ??= CommitMark.Create(folder, end);
            var writer = JournalWriter.Continue(folder, manifest.Id, end, mark, _flushInterval, time, logger);
            collection.Attach(
                new FileJournal(writer), new SnapshotKeeper(
                    folder,
                    manifest,
                    writer,
                    options.SnapshotJournalBytes,
                    OlderBytes(folder, manifest, end.Segment),
                    time,
                    logger));
            VectorLog.CollectionOpened(logger, manifest.Name, collection.Count, entries, time.GetElapsedTime(started));
            return collection;
        }
        catch (Exception exception)
        {
            mark?.Dispose();
            collection.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw exception is InvalidDataException ? Damaged(manifest, exception) : exception;
        }
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

    private EmbeddedCollection Over(string name, VectorCollectionOptions shape, VectorIndex index) =>
        new(name, shape, embedder, index, new RecordTable(index.Count), _parallelism);

    /// <summary>The collection as its last snapshot has it; empty when there is none.</summary>
    private EmbeddedCollection OpenSnapshot(string folder, CollectionManifest manifest)
    {
        if (manifest.Snapshot == 0)
            return InMemory(manifest.Name, manifest.Options);

        VectorIndex? index = null;
        try
        {
            var path = Path.Combine(folder, SnapshotKeeper.IndexFileName(manifest.Snapshot));
            index = manifest.Options.Index == VectorIndexKind.Flat ? FlatIndex.Open(path) : HnswIndex.Open(path);
            if (index.Dimension != manifest.Options.Dimensions || index.Metric != manifest.Options.Metric)
                throw new InvalidDataException($"{Path.GetFileName(path)} belongs to a collection of another shape.");

            var collection = Over(manifest.Name, manifest.Options, index);
            RecordsFile.Read(folder, manifest.Id, manifest.Snapshot, collection.Restore);
            collection.CheckRestored();
            return collection;
        }
        catch (Exception exception)
        {
            index?.Dispose();
            throw exception is InvalidDataException or FileNotFoundException ? Damaged(manifest, exception) : exception;
        }
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
