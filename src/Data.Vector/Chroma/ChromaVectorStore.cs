using System.Collections.Concurrent;
using Data.Vector.Chroma;
using Data.Vector.Collections;
using Data.Vector.Remote;
using Data.Vector.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector;

/// <summary>A vector store on a Chroma server, over its HTTP API version 2.</summary>
/// <remarks>
/// Safe for concurrent use. Nothing is sent before the first call. Only reads, and requests that did not reach the server, are retried.
/// Writes look up the ids first, because the server ignores an add of an existing id and an update of an unknown one. Under cosine the
/// server returns vectors rounded in their last digit. <see cref="VectorSearchRequest.EfSearch"/> is ignored: the server accepts it only
/// when a collection is created.
/// </remarks>
/// <example><code>
/// using var http = new HttpClient();
/// var store = new ChromaVectorStore(http, new() { Endpoint = new("http://localhost:8000") });
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 }, cancellationToken);
/// </code></example>
public sealed class ChromaVectorStore : IVectorStore
{
    private const int ListPage = 1_000;

    private readonly ChromaClient _client;
    private readonly Embedder? _embedder;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Guid, IdReservations> _reservations = new();

    /// <summary>Creates a store over an HTTP client.</summary>
    /// <param name="httpClient">The application's client; its timeout must be longer than
    /// <see cref="ChromaVectorStoreOptions.RequestTimeout"/>.</param>
    /// <param name="options">The address of the server, and how it is called.</param>
    /// <param name="embeddingGenerator">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="timeProvider">The clock; null means the system clock.</param>
    /// <param name="loggerFactory">Creates the logger of the store; null logs nothing.</param>
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

#pragma warning disable RS0030 // The documented default of a public constructor.
        _time = timeProvider ?? TimeProvider.System;
#pragma warning restore RS0030
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
            // The server accepted the request and created something else, which is worse than no collection.
            await _client.DeleteCollectionAsync(name, cancellationToken).ConfigureAwait(false);
            throw new VectorStoreProtocolException(
                $"Chroma created collection '{name}' with other settings: {difference}. It was deleted.");
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
        return new MeasuredCollection(new ChromaCollection(info, _client, _embedder, reservations), ChromaServer.System, _time);
    }
}
