using System.Collections.Concurrent;
using Data.Vector.Chroma;
using Data.Vector.Collections;
using Data.Vector.Remote;
using Data.Vector.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector;

/// <summary>A vector store on a Chroma server, spoken to over its HTTP API version 2.</summary>
/// <remarks>
/// Safe for concurrent use. Nothing is sent before the first call. Only reads, and what never reached the server, are retried. Writes look
/// up the ids first, because the server ignores an add of an id that exists and an update of one that does not. Under cosine the server
/// returns vectors rounded in their last digit. <see cref="VectorSearchRequest.EfSearch"/> is ignored: the server takes it when the
/// collection is made only.
/// </remarks>
/// <example><code>
/// var store = new ChromaVectorStore(httpClient, new() { Endpoint = new("http://localhost:8000") });
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 });
/// </code></example>
public sealed class ChromaVectorStore : IVectorStore
{
    private const int ListPage = 1_000;

    private readonly ChromaClient _client;
    private readonly Embedder? _embedder;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Guid, IdReservations> _reservations = new();

    /// <summary>Makes a store over an HTTP client.</summary>
    /// <param name="httpClient">The application's client; its own timeout must be longer than
    /// <see cref="ChromaVectorStoreOptions.RequestTimeout"/>.</param>
    /// <param name="options">Where the server is.</param>
    /// <param name="embeddingGenerator">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <param name="loggerFactory">Makes the store's logger; null logs nothing.</param>
    /// <exception cref="VectorInputException">An option is out of its range.</exception>
    public ChromaVectorStore(
        HttpClient httpClient,
        ChromaVectorStoreOptions options,
        IEmbeddingGenerator<string, Embedding<float>>? embeddingGenerator = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        ArgumentNullException.ThrowIfNull(options);
        if (ChromaOptionsValidator.Failures(options) is { Count: > 0 } failures)
            throw new VectorInputException(string.Join(' ', failures));

        _time = timeProvider ?? TimeProvider.System;
        _client = new ChromaClient(new JsonHttp(
            httpClient,
            ChromaServer.From(options),
            _time,
            (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ChromaVectorStore>()), options);
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
        var info = await _client.CreateCollectionAsync(name, options, cancellationToken).ConfigureAwait(false);
        if (info.Difference(options) is { } difference)
        {
            // The server took the request and made something else: better no collection than one with a metric nobody asked for.
            await _client.DeleteCollectionAsync(name, cancellationToken).ConfigureAwait(false);
            throw new VectorStoreProtocolException($"Chroma made collection '{name}' differently: {difference}. It was deleted again.");
        }

        return Open(info);
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        return Open(await _client.GetCollectionAsync(name, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetOrCreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        // The server's own get_or_create ignores a configuration that differs, so it is not used.
        InputGuard.CollectionName(name);
        InputGuard.Options(options);
        try
        {
            return Checked(await GetCollectionAsync(name, cancellationToken).ConfigureAwait(false), options);
        }
        catch (VectorCollectionNotFoundException)
        {
            try
            {
                return await CreateCollectionAsync(name, options, cancellationToken).ConfigureAwait(false);
            }
            catch (VectorCollectionExistsException)
            {
                return Checked(await GetCollectionAsync(name, cancellationToken).ConfigureAwait(false), options);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var offset = 0; ; offset += ListPage)
        {
            var page = await _client.ListCollectionsAsync(ListPage, offset, cancellationToken).ConfigureAwait(false);
            names.UnionWith(page);
            if (page.Count < ListPage)
                return [.. names];
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        InputGuard.CollectionName(name);
        try
        {
            await _client.DeleteCollectionAsync(name, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (VectorCollectionNotFoundException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default) =>
        StoreProbe.RunAsync(this, _time, cancellationToken);

    private static IVectorCollection Checked(IVectorCollection collection, VectorCollectionOptions options)
    {
        CollectionMatch.Check(collection.Name, collection.Options, options, compareIndex: false);
        return collection;
    }

    private MeasuredCollection Open(ChromaCollectionInfo info)
    {
        var reservations = _reservations.GetOrAdd(info.Id, static _ => new IdReservations());
        return new MeasuredCollection(new ChromaCollection(info, _client, _embedder, reservations), ChromaServer.System);
    }
}
