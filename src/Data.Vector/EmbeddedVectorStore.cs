using Data.Vector.Collections;
using Data.Vector.Embedded;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;
using Data.Vector.Records;
using Microsoft.Extensions.AI;

namespace Data.Vector;

/// <summary>A vector store in process: no server, no network.</summary>
/// <remarks>Safe for concurrent use. Dispose it to close its collections; calls on them then throw <see cref="ObjectDisposedException"/>.</remarks>
/// <example><code>
/// await using var store = new EmbeddedVectorStore(new());
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 });
/// await articles.UpsertAsync([new VectorRecord("a-1", embedding) { Document = "the text" }]);
/// var nearest = await articles.SearchAsync(new(query) { Top = 10 });
/// </code></example>
public sealed class EmbeddedVectorStore : IVectorStore, IAsyncDisposable
{
    private readonly SemaphoreSlim _catalogue = new(1, 1);
    private readonly SortedDictionary<string, EmbeddedCollection> _collections = new(StringComparer.Ordinal);
    private readonly Embedder? _embedder;
    private readonly TimeProvider _time;
    private readonly int _parallelism;
    private bool _disposed;

    /// <summary>Opens a store.</summary>
    /// <param name="options">Where and how safely collections are kept.</param>
    /// <param name="embeddingGenerator">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="VectorInputException">An option is out of its range.</exception>
    public EmbeddedVectorStore(
        EmbeddedVectorStoreOptions options, IEmbeddingGenerator<string, Embedding<float>>? embeddingGenerator = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        InputGuard.InRange(options.MaxDegreeOfParallelism, 0, 1_024, nameof(options.MaxDegreeOfParallelism));
        _embedder = embeddingGenerator is null ? null : new Embedder(embeddingGenerator);
        _time = timeProvider ?? TimeProvider.System;
        _parallelism = options.MaxDegreeOfParallelism == 0 ? Environment.ProcessorCount : options.MaxDegreeOfParallelism;
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> CreateCollectionAsync(string name, VectorCollectionOptions options, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return InCatalogueAsync<IVectorCollection>(() =>
            _collections.ContainsKey(name) ? throw new VectorCollectionExistsException($"There is a collection '{name}' already.") : Create(name, options), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return InCatalogueAsync<IVectorCollection>(() =>
            _collections.TryGetValue(name, out var found) ? found : throw new VectorCollectionNotFoundException($"There is no collection '{name}'."), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(string name, VectorCollectionOptions options, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return InCatalogueAsync<IVectorCollection>(() =>
        {
            if (!_collections.TryGetValue(name, out var found))
            {
                return Create(name, options);
            }

            CollectionMatch.Check(name, found.Options, options, compareIndex: true);
            return found;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        InCatalogueAsync<IReadOnlyList<string>>(() => [.. _collections.Keys], cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        var removed = await InCatalogueAsync(() => _collections.Remove(name, out var found) ? found : null, cancellationToken).ConfigureAwait(false);
        if (removed is not null)
        {
            await removed.DisposeAsync().ConfigureAwait(false);
        }

        return removed is not null;
    }

    /// <inheritdoc/>
    public Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default) => StoreProbe.RunAsync(this, _time, cancellationToken);

    /// <summary>Closes all collections after the writes that are under way.</summary>
    /// <returns>A task that ends when everything is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        var collections = await InCatalogueAsync(() =>
        {
            _disposed = true;
            return _collections.Values.ToArray();
        }, CancellationToken.None).ConfigureAwait(false);
        foreach (var collection in collections)
        {
            await collection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private EmbeddedCollection Create(string name, VectorCollectionOptions options)
    {
        var collection = new EmbeddedCollection(name, options, _embedder, NewIndex(options), new RecordTable(), NullJournal.Instance, _parallelism);
        _collections.Add(name, collection);
        return collection;
    }

    private static VectorIndex NewIndex(VectorCollectionOptions options) => options.Index == VectorIndexKind.Flat
        ? new FlatIndex(options.Dimensions, options.Metric, options.Hnsw.Capacity)
        : new HnswIndex(new HnswParameters
        {
            Dimension = options.Dimensions,
            Metric = options.Metric,
            M = options.Hnsw.M,
            EfConstruction = options.Hnsw.EfConstruction,
            Capacity = options.Hnsw.Capacity,
            Seed = options.Hnsw.Seed,
            Quantization = options.Hnsw.Quantization,
        });

    private async Task<T> InCatalogueAsync<T>(Func<T> action, CancellationToken cancellationToken)
    {
        await _catalogue.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return action();
        }
        finally
        {
            _catalogue.Release();
        }
    }
}
