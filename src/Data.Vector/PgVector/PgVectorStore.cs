using System.Data.Common;
using Data.Vector.Collections;
using Data.Vector.PgVector;
using Data.Vector.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector;

/// <summary>A vector store in PostgreSQL with the extension pgvector, 0.7 or later, over the application's data source.</summary>
/// <remarks>
/// <para>
/// Safe for concurrent use. Nothing is sent before the first call. A collection is a table of <see cref="PgVectorStoreOptions.Schema"/>;
/// each write is one transaction. Only reads, and writes that were rolled back or never sent, are retried.
/// </para>
/// <para>
/// <see cref="VectorIndexKind.Hnsw"/> creates an index of the extension: over the vectors up to 2,000 dimensions, over halves of their
/// precision up to 4,000, where the results are ranked by the exact vectors, and none beyond. <see cref="VectorIndexKind.Flat"/> creates
/// none. Without an index searches are exact and compare every vector. The extension takes at most 16,000 dimensions, an M of 100, and an
/// EfConstruction from twice M to 1,000; a higher EfSearch than 1,000 counts as 1,000. Texts must not contain U+0000.
/// </para>
/// <para>
/// Hybrid searches rank texts by <c>ts_rank</c> of PostgreSQL's full-text search. <see cref="VectorTextIndex.Always"/> creates an index for
/// them; with <see cref="VectorTextIndex.OnDemand"/> they read every text.
/// </para>
/// </remarks>
/// <example><code>
/// var source = provider.GetRequiredService&lt;System.Data.Common.DbDataSource&gt;();
/// var store = new PgVectorStore(source, new() { Schema = "search" });
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 }, cancellationToken);
/// </code></example>
public sealed class PgVectorStore : IVectorStore
{
    private readonly PgDatabase _database;
    private readonly PgCatalogue _catalogue;
    private readonly Embedder? _embedder;
    private readonly TimeProvider _time;

    /// <summary>Creates a store over a data source.</summary>
    /// <param name="dataSource">The application's data source, one of Npgsql; the store does not dispose it.</param>
    /// <param name="options">The schema, and how the database is called.</param>
    /// <param name="embeddingGenerator">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="timeProvider">The clock; null means the system clock.</param>
    /// <param name="loggerFactory">Creates the logger of the store; null logs nothing.</param>
    /// <param name="tenant">Tells the tenant of each call; null when rows have no tenant, or the connections tell it.</param>
    /// <exception cref="VectorInputException">An option is out of its range, or a tenant is given and
    /// <see cref="PgVectorStoreOptions.TenantSetting"/> is not.</exception>
    public PgVectorStore(
        DbDataSource dataSource,
        PgVectorStoreOptions options,
        IEmbeddingGenerator<string, Embedding<float>>? embeddingGenerator = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null,
        IVectorTenant? tenant = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(options);
        if (PgVectorOptionsValidator.Failures(options) is { Count: > 0 } failures)
            throw new VectorInputException(string.Join(' ', failures));

        if (tenant is not null && options.TenantSetting is null)
            throw new VectorInputException("An IVectorTenant is given, but TenantSetting is null: the tables would hold no tenant.");

#pragma warning disable RS0030 // The documented default of a public constructor.
        _time = timeProvider ?? TimeProvider.System;
#pragma warning restore RS0030
        var logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<PgVectorStore>();
        _database = new PgDatabase(dataSource, options, tenant, _time, logger);
        _catalogue = new PgCatalogue(_database, options);
        _embedder = embeddingGenerator is null ? null : new Embedder(embeddingGenerator);
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> CreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        return Open(await _catalogue.CreateAsync(name, options, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return Open(await FoundAsync(name, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetOrCreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        var table = await _catalogue.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (table is null)
        {
            try
            {
                return Open(await _catalogue.CreateAsync(name, options, cancellationToken).ConfigureAwait(false));
            }
            catch (VectorCollectionExistsException)
            {
                // Another caller created it at the same time.
                table = await FoundAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }

        CollectionMatch.Check(name, table.Options, options, compareIndex: true);
        return Open(table);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        _catalogue.NamesAsync(cancellationToken);

    /// <summary>Deletes a collection with all its records, those of every tenant.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="cancellationToken">Cancels the wait; the collection may be deleted nevertheless.</param>
    /// <returns>False when it did not exist.</returns>
    /// <remarks>The login has to be the owner of the table.</remarks>
    /// <exception cref="DataVectorException">The store failed.</exception>
    public Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return _catalogue.DeleteAsync(name, cancellationToken);
    }

    /// <summary>
    /// Checks that the database answers, that the extension is there, and that the login can read the list of collections.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether they do, how long that took and, if they do not, why.</returns>
    /// <remarks>Writes nothing: a probe record would need a table, which many logins must not create.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default) =>
        StoreProbe.ConnectAsync(() => _catalogue.CheckAsync(cancellationToken), _time, cancellationToken);

    private async Task<PgTable> FoundAsync(string name, CancellationToken cancellationToken) =>
        await _catalogue.FindAsync(name, cancellationToken).ConfigureAwait(false)
        ?? throw new VectorCollectionNotFoundException($"Collection '{name}' does not exist in {PgErrors.Server}.");

    private MeasuredCollection Open(PgTable table) =>
        new(new PgVectorCollection(table, _database, _embedder), PgDatabase.System, _time);
}
