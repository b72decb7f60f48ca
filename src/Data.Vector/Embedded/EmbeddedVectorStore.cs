using Data.Vector.Collections;
using Data.Vector.Embedded;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector;

/// <summary>A vector store in process: no server, no network; in memory, or in a folder that survives crashes.</summary>
/// <remarks>
/// Safe for concurrent use. The first call opens the folder and locks it until the store is disposed; a collection is opened by the first
/// call that asks for it. After disposal, calls on collections throw <see cref="ObjectDisposedException"/>.
/// </remarks>
/// <example><code>
/// await using var store = new EmbeddedVectorStore(new() { Path = "data/vectors" });
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 3 }, cancellationToken);
/// float[] embedding = [0.1f, 0.2f, 0.3f];
/// await articles.UpsertAsync([new VectorRecord("a-1", embedding) { Document = "the text" }], cancellationToken);
/// var nearest = await articles.SearchAsync(new(embedding) { Top = 10 }, cancellationToken);
/// </code></example>
public sealed class EmbeddedVectorStore : IVectorStore, IAsyncDisposable
{
    private readonly CollectionLoader _loader;
    private readonly CollectionCatalogue _catalogue;
    private readonly TimeProvider _time;

    /// <summary>Creates a store; nothing is opened before the first call.</summary>
    /// <param name="options">The folder of the collections, and the durability of writes.</param>
    /// <param name="embeddingGenerator">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="loggerFactory">Creates the logger of the store; null logs nothing.</param>
    /// <param name="timeProvider">The clock; null means the system clock.</param>
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

#pragma warning disable RS0030 // The documented default of a public constructor.
        _time = timeProvider ?? TimeProvider.System;
#pragma warning restore RS0030
        var logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<EmbeddedVectorStore>();
        _loader = new CollectionLoader(options, embeddingGenerator is null ? null : new Embedder(embeddingGenerator), _time, logger);
        _catalogue = new CollectionCatalogue(options, _loader, _time, logger);
    }

    /// <summary>
    /// Takes texts, and the words of hybrid searches, apart into the terms of text indexes. Default: <see cref="UnicodeTextAnalyzer"/>.
    /// </summary>
    /// <exception cref="VectorInputException">Its name has no characters or more than 100.</exception>
    public ITextAnalyzer TextAnalyzer
    {
        get => _loader.TextAnalyzer;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Name is not { Length: >= 1 and <= 100 })
                throw new VectorInputException("TextAnalyzer.Name must have 1 to 100 characters; it is kept with the indexes on disk.");

            _loader.TextAnalyzer = value;
        }
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> CreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return (await _catalogue.CreateAsync(name, options, cancellationToken).ConfigureAwait(false)).Face;
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return (await _catalogue.OpenAsync(name, cancellationToken).ConfigureAwait(false)).Face;
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetOrCreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        while (true)
        {
            var found = await _catalogue.FindAsync(name, cancellationToken).ConfigureAwait(false);
            try
            {
                if (found is null)
                    return (await _catalogue.CreateAsync(name, options, cancellationToken).ConfigureAwait(false)).Face;

                await found.OpenAsync(cancellationToken).ConfigureAwait(false);
                CollectionMatch.Check(name, found.Options, options, compareIndex: true);
                return found.Face;
            }
            catch (Exception exception) when ((found is null && exception is VectorCollectionExistsException) || found?.HasEnded == true)
            {
                // Another caller has created or deleted it meanwhile.
            }
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        _catalogue.NamesAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return _catalogue.DeleteAsync(name, cancellationToken);
    }

    /// <summary>
    /// Lists the folders whose collection cannot be opened: those whose manifest is damaged, missing or of a newer version, copies of
    /// other collections, and collections that an attempt to open found damaged.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The folders in ordinal order; empty when nothing is known to be damaged.</returns>
    /// <exception cref="DataVectorException">The store failed.</exception>
    public Task<IReadOnlyList<DamagedVectorCollection>> ListDamagedCollectionsAsync(CancellationToken cancellationToken = default) =>
        _catalogue.DamagedAsync(cancellationToken);

    /// <summary>Deletes a folder that <see cref="ListDamagedCollectionsAsync"/> names, with all its files.</summary>
    /// <param name="folder">The folder's name.</param>
    /// <param name="cancellationToken">Cancels the wait; the folder may be deleted nevertheless.</param>
    /// <returns>False when there is no such folder among the damaged ones.</returns>
    /// <exception cref="DataVectorException">The store failed.</exception>
    public Task<bool> DeleteDamagedCollectionAsync(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return _catalogue.DeleteDamagedAsync(folder, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default)
    {
        var validation = await StoreProbe.RunAsync(this, _time, cancellationToken).ConfigureAwait(false);
        return validation with { Warnings = _catalogue.Warnings() };
    }

    /// <summary>Returns the size of a collection; opens it when it is not open.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of records and bytes.</returns>
    /// <exception cref="VectorCollectionNotFoundException">No collection has that name.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    public async Task<VectorCollectionStatistics> GetStatisticsAsync(string collection, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(collection);
        var entry = await _catalogue.OpenAsync(collection, cancellationToken).ConfigureAwait(false);
        return await entry.StatisticsAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Searches for every record of a collection by its own vector, at the collection's <see cref="HnswOptions.EfSearch"/>, and links those
    /// again that are not found.
    /// </summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cancellationToken">Ends the check; what has been linked again stays so.</param>
    /// <returns>How many were searched for, not found, and linked again.</returns>
    /// <remarks>
    /// Makes one search per record, on one thread of the pool, while searches and writes continue. The store does the same in the
    /// background when as many records have been replaced or deleted as there are. Under the inner product nothing is checked, because a
    /// vector need not be its own nearest there.
    /// </remarks>
    /// <exception cref="VectorCollectionNotFoundException">No collection has that name.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    public async Task<VectorReachability> VerifyReachabilityAsync(string collection, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(collection);
        var entry = await _catalogue.OpenAsync(collection, cancellationToken).ConfigureAwait(false);
        return await entry.VerifyReachabilityAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Measures the recall of a collection's searches against exact ones, on a sample made from its own vectors, and finds the smallest
    /// <see cref="HnswOptions.EfSearch"/> for a target recall.
    /// </summary>
    /// <param name="collection">The name of a collection with an HNSW index.</param>
    /// <param name="tuning">The target; null means the defaults: 0.95 of the nearest 10.</param>
    /// <param name="progress">Receives each point of the recall curve as it is measured.</param>
    /// <param name="cancellationToken">Ends the measurement; then nothing is changed.</param>
    /// <returns>The result and the curve. The collection uses the result, unless <see cref="RecallTuning.Apply"/> is false.</returns>
    /// <remarks>
    /// Runs on the thread pool while searches and writes continue; the exact searches read every vector once per sample. A request's own
    /// <see cref="VectorSearchRequest.EfSearch"/> takes precedence. Measure again when the collection has grown several times over.
    /// </remarks>
    /// <exception cref="VectorCollectionNotFoundException">No collection has that name.</exception>
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
        var entry = await _catalogue.OpenAsync(collection, cancellationToken).ConfigureAwait(false);
        using var hold = entry.Hold();
        var tuned = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        var report = await Task.Run(() => tuned.Tune(tuning, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (tuning.Apply && report.Reached)
            await entry.UseAsync(report.EfSearch, cancellationToken).ConfigureAwait(false);

        return report;
    }

    /// <summary>Waits for the writes that run, closes all collections, and releases the folder.</summary>
    /// <returns>A task that ends when everything is closed.</returns>
    public ValueTask DisposeAsync() => _catalogue.DisposeAsync();
}
