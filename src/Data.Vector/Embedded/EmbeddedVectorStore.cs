using Data.Vector.Collections;
using Data.Vector.Embedded;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector;

/// <summary>A vector store in process: no server, no network; in memory, or in a folder that survives crashes.</summary>
/// <remarks>
/// Safe for concurrent use. The folder is opened by the first call and belongs to this store until it is disposed; collections are opened
/// when they are first asked for. Dispose the store to close it; calls on its collections then throw <see cref="ObjectDisposedException"/>.
/// </remarks>
/// <example><code>
/// await using var store = new EmbeddedVectorStore(new() { Path = "data/vectors" });
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 });
/// await articles.UpsertAsync([new VectorRecord("a-1", embedding) { Document = "the text" }]);
/// var nearest = await articles.SearchAsync(new(query) { Top = 10 });
/// </code></example>
public sealed class EmbeddedVectorStore : IVectorStore, IAsyncDisposable
{
    private readonly CollectionCatalogue _catalogue;
    private readonly TimeProvider _time;

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
            throw new VectorInputException(string.Join(' ', failures));

        _time = timeProvider ?? TimeProvider.System;
        var logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<EmbeddedVectorStore>();
        var loader = new CollectionLoader(options, embeddingGenerator is null ? null : new Embedder(embeddingGenerator), _time, logger);
        _catalogue = new CollectionCatalogue(options.Path is null ? null : Path.GetFullPath(options.Path), loader, logger);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> CreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return _catalogue.RunAsync<IVectorCollection>(
            () => _catalogue.Find(name) is null
                ? _catalogue.Create(name, options).Face
                : throw new VectorCollectionExistsException($"There is a collection '{name}' already."),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return _catalogue.RunAsync<IVectorCollection>(() => _catalogue.Open(name).Face, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IVectorCollection> GetOrCreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return _catalogue.RunAsync<IVectorCollection>(
            () =>
            {
                if (_catalogue.Find(name) is not { } found)
                    return _catalogue.Create(name, options).Face;

                var open = _catalogue.Open(found);
                CollectionMatch.Check(name, open.Face.Options, options, compareIndex: true);
                return open.Face;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        _catalogue.RunAsync<IReadOnlyList<string>>(() => [.. _catalogue.Names], cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return _catalogue.RunAsync(() => _catalogue.DeleteAsync(name), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default) =>
        StoreProbe.RunAsync(this, _time, cancellationToken);

    /// <summary>Tells how large a collection is; opens it if it is not open yet.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Records and bytes.</returns>
    /// <exception cref="VectorCollectionNotFoundException">There is none of that name.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    public Task<VectorCollectionStatistics> GetStatisticsAsync(string collection, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(collection);
        return _catalogue.RunAsync(() => _catalogue.Open(collection).Collection!.Statistics(), cancellationToken);
    }

    /// <summary>
    /// Measures the recall of a collection's searches against exact ones, on a sample made from its own vectors, and finds the smallest
    /// <see cref="HnswOptions.EfSearch"/> for a wanted recall.
    /// </summary>
    /// <param name="collection">The name of a collection with an HNSW index.</param>
    /// <param name="tuning">What to reach; null for the defaults: 0.95 of the nearest 10.</param>
    /// <param name="progress">Gets each point of the recall curve as it is measured.</param>
    /// <param name="cancellationToken">Ends the measurement; nothing is changed then.</param>
    /// <returns>What was found, and the curve. The collection searches with it from then on, unless <see cref="RecallTuning.Apply"/> says
    /// otherwise.</returns>
    /// <remarks>
    /// Runs beside searches and writes, on the thread pool; the exact searches read every vector once per sample. A request's own
    /// <see cref="VectorSearchRequest.EfSearch"/> still counts more. Measure again when the collection has grown several times over.
    /// </remarks>
    /// <exception cref="VectorCollectionNotFoundException">There is none of that name.</exception>
    /// <exception cref="VectorInputException">A value is out of its range, or the collection is empty or flat.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    public async Task<RecallReport> TuneRecallAsync(
        string collection,
        RecallTuning? tuning = null,
        IProgress<RecallPoint>? progress = null,
        CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(collection);
        tuning ??= new RecallTuning();
        InputGuard.Tuning(tuning);
        var tuned = await _catalogue.RunAsync(() => _catalogue.Open(collection).Collection!, cancellationToken).ConfigureAwait(false);
        var report = await Task.Run(() => tuned.Tune(tuning, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (tuning.Apply && report.Reached)
        {
            await _catalogue.RunAsync(
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
    public ValueTask DisposeAsync() => _catalogue.DisposeAsync();
}
