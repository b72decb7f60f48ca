using Data.Vector.Collections;
using Data.Vector.Embedded;
using Data.Vector.Storage;
using Data.Vector.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector;

/// <summary>A vector store in process: no server, no network; in memory, or in a folder that survives crashes.</summary>
/// <remarks>
/// Safe for concurrent use. The folder is opened by the first call and belongs to this store until it is disposed; collections are opened when they are
/// first asked for. Dispose the store to close it; calls on its collections then throw <see cref="ObjectDisposedException"/>.
/// </remarks>
/// <example><code>
/// await using var store = new EmbeddedVectorStore(new() { Path = "data/vectors" });
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 });
/// await articles.UpsertAsync([new VectorRecord("a-1", embedding) { Document = "the text" }]);
/// var nearest = await articles.SearchAsync(new(query) { Top = 10 });
/// </code></example>
public sealed class EmbeddedVectorStore : IVectorStore, IAsyncDisposable
{
    private readonly SemaphoreSlim _catalogue = new(1, 1);
    private readonly SortedDictionary<string, Entry> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VectorStoreCorruptException> _damaged = new(StringComparer.Ordinal);
    private readonly CollectionLoader _loader;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly string? _root;
    private StoreLock? _lock;
    private bool _disposed;

    /// <summary>Makes a store; nothing is opened before the first call.</summary>
    /// <param name="options">Where and how safely collections are kept.</param>
    /// <param name="embeddingGenerator">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="loggerFactory">Makes the store's logger; null logs nothing.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="VectorInputException">An option is out of its range.</exception>
    public EmbeddedVectorStore(
        EmbeddedVectorStoreOptions options,
        IEmbeddingGenerator<string, Embedding<float>>? embeddingGenerator = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (EmbeddedOptionsValidator.Failures(options) is { Count: > 0 } failures)
        {
            throw new VectorInputException(string.Join(' ', failures));
        }

        _time = timeProvider ?? TimeProvider.System;
        _root = options.Path is null ? null : Path.GetFullPath(options.Path);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<EmbeddedVectorStore>();
        _loader = new CollectionLoader(options, embeddingGenerator is null ? null : new Embedder(embeddingGenerator), _time, _logger);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> CreateCollectionAsync(string name, VectorCollectionOptions options, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return InCatalogueAsync<IVectorCollection>(() =>
            Find(name) is null ? Create(name, options).Face : throw new VectorCollectionExistsException($"There is a collection '{name}' already."), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return InCatalogueAsync<IVectorCollection>(() => Open(Existing(name)).Face, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionOptions options, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return InCatalogueAsync<IVectorCollection>(() =>
        {
            if (Find(name) is not { } found)
            {
                return Create(name, options).Face;
            }

            var open = Open(found);
            CollectionMatch.Check(name, open.Face.Options, options, compareIndex: true);
            return open.Face;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        InCatalogueAsync<IReadOnlyList<string>>(() => [.. _collections.Keys], cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return await InCatalogueAsync(async () =>
        {
            if (Find(name) is not { } found)
            {
                return false;
            }

            _collections.Remove(name);
            if (found.Collection is { } collection)
            {
                await collection.DisposeAsync().ConfigureAwait(false);
            }

            if (found.Folder is { } folder)
            {
                CollectionFolder.Delete(_root!, folder);
            }

            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default) => StoreProbe.RunAsync(this, _time, cancellationToken);

    /// <summary>Tells how large a collection is; opens it if it is not open yet.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Records and bytes.</returns>
    /// <exception cref="VectorCollectionNotFoundException">There is none of that name.</exception>
    /// <exception cref="VectorStoreException">The store failed.</exception>
    public Task<VectorCollectionStatistics> GetStatisticsAsync(string collection, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(collection);
        return InCatalogueAsync(() => Open(Existing(collection)).Collection!.Statistics(), cancellationToken);
    }

    /// <summary>
    /// Measures the recall of a collection's searches against exact ones, on a sample made from its own vectors, and finds the smallest
    /// <see cref="HnswOptions.EfSearch"/> for a wanted recall.
    /// </summary>
    /// <param name="collection">The name of a collection with an HNSW index.</param>
    /// <param name="tuning">What to reach; null for the defaults: 0.95 of the nearest 10.</param>
    /// <param name="progress">Gets each point of the recall curve as it is measured.</param>
    /// <param name="cancellationToken">Ends the measurement; nothing is changed then.</param>
    /// <returns>What was found, and the curve. The collection searches with it from then on, unless <see cref="RecallTuning.Apply"/> says otherwise.</returns>
    /// <remarks>
    /// Runs beside searches and writes, on the thread pool; the exact searches read every vector once per sample. A request's own
    /// <see cref="VectorSearchRequest.EfSearch"/> still counts more. Measure again when the collection has grown several times over.
    /// </remarks>
    /// <exception cref="VectorCollectionNotFoundException">There is none of that name.</exception>
    /// <exception cref="VectorInputException">A value is out of its range, or the collection is empty or flat.</exception>
    /// <exception cref="VectorStoreException">The store failed.</exception>
    public async Task<RecallReport> TuneRecallAsync(
        string collection, RecallTuning? tuning = null, IProgress<RecallPoint>? progress = null, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(collection);
        tuning ??= new RecallTuning();
        InputGuard.Tuning(tuning);
        var tuned = await InCatalogueAsync(() => Open(Existing(collection)).Collection!, cancellationToken).ConfigureAwait(false);
        var report = await Task.Run(() => tuned.Tune(tuning, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (tuning.Apply && report.Reached)
        {
            await InCatalogueAsync(
                () =>
                {
                    tuned.Use(report.EfSearch);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return report;
    }

    /// <summary>Closes all collections after the writes that are under way, and gives the folder free.</summary>
    /// <returns>A task that ends when everything is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _catalogue.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            foreach (var entry in _collections.Values)
            {
                if (entry.Collection is { } collection)
                {
                    await collection.DisposeAsync().ConfigureAwait(false);
                }
            }

            _collections.Clear();
            _lock?.Dispose();
            _lock = null;
        }
        finally
        {
            _catalogue.Release();
        }
    }

    private Entry Existing(string name) => Find(name) ?? throw new VectorCollectionNotFoundException($"There is no collection '{name}'.");

    private Entry? Find(string name)
    {
        if (_collections.TryGetValue(name, out var found))
        {
            return found;
        }

        return _root is not null && _damaged.TryGetValue(CollectionFolder.FolderName(name), out var damage)
            ? throw new VectorStoreCorruptException($"Collection '{name}' cannot be opened: {damage.Message}", damage)
            : null;
    }

    private Entry Create(string name, VectorCollectionOptions options)
    {
        var entry = new Entry();
        if (_root is null)
        {
            entry.Collection = _loader.InMemory(name, options);
        }
        else
        {
            entry.Collection = _loader.Create(_root, name, options, out var folder);
            entry.Folder = folder;
        }

        _collections.Add(name, entry);
        return entry;
    }

    private Entry Open(Entry entry)
    {
        entry.Collection ??= _loader.Open(entry.Folder!);
        return entry;
    }

    private Task<T> InCatalogueAsync<T>(Func<T> action, CancellationToken cancellationToken) =>
        InCatalogueAsync(() => Task.FromResult(action()), cancellationToken);

    private async Task<T> InCatalogueAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _catalogue.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_root is not null && _lock is null)
            {
                OpenFolder(_root);
            }

            return await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            throw DurableFile.IsFull(exception)
                ? new VectorStoreFullException("There is no room on the disk.", exception)
                : new VectorStoreException($"The folder {_root} cannot be used: {exception.Message}", exception);
        }
        finally
        {
            _catalogue.Release();
        }
    }

    private void OpenFolder(string root)
    {
        Directory.CreateDirectory(root);
        var taken = StoreLock.Take(root);
        try
        {
            foreach (var (name, folder) in CollectionFolder.Scan(root, _damaged))
            {
                _collections.Add(name, new Entry { Folder = folder });
            }

            foreach (var (folder, damage) in _damaged)
            {
                VectorLog.ManifestDamaged(_logger, folder, damage);
            }

            _lock = taken;
        }
        finally
        {
            if (_lock is null)
            {
                _collections.Clear();
                _damaged.Clear();
                taken.Dispose();
            }
        }
    }

    /// <summary>A collection's folder, null in memory, and the collection once it is open.</summary>
    private sealed class Entry
    {
        public string? Folder { get; set; }

        public EmbeddedCollection? Collection
        {
            get;
            set
            {
                field = value;
                Face = new MeasuredCollection(value!, VectorTelemetry.InProcess);
            }
        }

        /// <summary>What callers get: the same instance every time.</summary>
        public MeasuredCollection Face { get; private set; } = null!;
    }
}
