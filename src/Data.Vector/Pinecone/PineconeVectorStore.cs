using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Data.Vector.Collections;
using Data.Vector.Pinecone;
using Data.Vector.Remote;
using Data.Vector.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector;

/// <summary>
/// A vector store on Pinecone, over its REST API. Experimental: tested against a stand-in that follows the published contract, not against
/// the service.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Nothing is sent before the first call. A collection is a serverless index, so its name is limited to 45
/// characters of <c>a-z 0-9 -</c>, and creating it takes seconds. Settings of the graph and <see cref="VectorSearchRequest.EfSearch"/> are
/// ignored. A search whose filter Pinecone cannot evaluate throws <see cref="VectorFilterNotSupportedException"/>; counting, streaming and
/// deleting by filter read every record.
/// </remarks>
/// <example><code>
/// #pragma warning disable DATAVECTOR001 // The store is experimental.
/// using var http = new HttpClient();
/// var store = new PineconeVectorStore(http, new() { ApiKey = builder.Configuration["Pinecone:ApiKey"] });
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 }, cancellationToken);
/// </code></example>
[Experimental(DiagnosticId)]
public sealed class PineconeVectorStore : IVectorStore
{
    /// <summary>The diagnostic reported by the compiler where the store is used; suppress it to accept that the store can change.</summary>
    public const string DiagnosticId = DiagnosticIds.Pinecone;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50), LongestWait = TimeSpan.FromSeconds(2);

    private readonly PineconeClient _client;
    private readonly PineconeVectorStoreOptions _options;
    private readonly Embedder? _embedder;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, IdReservations> _reservations = new(StringComparer.Ordinal);

    /// <summary>Creates a store over an HTTP client.</summary>
    /// <param name="httpClient">The application's client; its timeout must be longer than
    /// <see cref="PineconeVectorStoreOptions.RequestTimeout"/>.</param>
    /// <param name="options">The API key of the project, and where indexes are created.</param>
    /// <param name="embeddingGenerator">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="timeProvider">The clock; null means the system clock.</param>
    /// <param name="loggerFactory">Creates the logger of the store; null logs nothing.</param>
    /// <exception cref="VectorInputException">An option is out of its range.</exception>
    public PineconeVectorStore(
        HttpClient httpClient,
        PineconeVectorStoreOptions options,
        IEmbeddingGenerator<string, Embedding<float>>? embeddingGenerator = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        ArgumentNullException.ThrowIfNull(options);
        if (PineconeOptionsValidator.Failures(options) is { Count: > 0 } failures)
            throw new VectorInputException(string.Join(' ', failures));

#pragma warning disable RS0030 // The documented default of a public constructor.
        _time = timeProvider ?? TimeProvider.System;
#pragma warning restore RS0030
        _options = options;
        var logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<PineconeVectorStore>();
        _client = new PineconeClient(new JsonHttp(httpClient, PineconeServer.From(options), _time, logger), options);
        _embedder = embeddingGenerator is null ? null : new Embedder(embeddingGenerator);
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> CreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        CheckName(name);
        InputGuard.Options(options);
        await _client.CreateIndexAsync(name, options, cancellationToken).ConfigureAwait(false);
        return Open(await ReadyAsync(name, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        return Open(await ReadyAsync(name, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async Task<IVectorCollection> GetOrCreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default)
    {
        CheckName(name);
        InputGuard.Options(options);
        try
        {
            await _client.CreateIndexAsync(name, options, cancellationToken).ConfigureAwait(false);
        }
        catch (VectorCollectionExistsException)
        {
            // It exists already, or another caller creates it at the same time.
        }

        var info = await ReadyAsync(name, cancellationToken).ConfigureAwait(false);
        CollectionMatch.Check(name, info.Options, options, compareIndex: false);
        return Open(info);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        [.. (await _client.ListIndexesAsync(cancellationToken).ConfigureAwait(false)).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        try
        {
            await _client.DeleteIndexAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (VectorCollectionNotFoundException)
        {
            return false;
        }

        await PollAsync(name, static info => info is null, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Checks that Pinecone answers and accepts the API key, by listing the indexes.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether it does, how long that took and, if it does not, why.</returns>
    /// <remarks>Writes nothing: a probe record would need an index of its own, which takes seconds to create and is charged.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default) =>
        StoreProbe.ConnectAsync(() => ListCollectionsAsync(cancellationToken), _time, cancellationToken);

    private static void CheckName(string name)
    {
        InputGuard.CollectionName(name);
        PineconeIndexInfo.CheckName(name);
    }

    private MeasuredCollection Open(PineconeIndexInfo info)
    {
        var reservations = _reservations.GetOrAdd(info.Name, static _ => new IdReservations());
        return new MeasuredCollection(
            new PineconeCollection(info, _client, _options.FreshnessTimeout, _embedder, reservations, _time),
            PineconeServer.System,
            _time);
    }

    private async Task<PineconeIndexInfo> ReadyAsync(string name, CancellationToken cancellationToken) =>
        await PollAsync(name, static info => info?.IsReady != false, cancellationToken).ConfigureAwait(false)
        ?? throw new VectorCollectionNotFoundException($"Collection '{name}' does not exist on Pinecone.");

    /// <summary>Polls an index until it is in the wanted state; null is an index that does not exist.</summary>
    private async Task<PineconeIndexInfo?> PollAsync(
        string name,
        Func<PineconeIndexInfo?, bool> wanted,
        CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            var info = await FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (wanted(info))
                return info;

            if (_time.GetElapsedTime(started) >= _options.ProvisioningTimeout)
            {
                throw new VectorStoreUnavailableException($"Pinecone did not finish creating or deleting '{name}' within "
                    + $"{_options.ProvisioningTimeout.TotalSeconds:0} s; it may still do so.");
            }

            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PineconeIndexInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.DescribeIndexAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (VectorCollectionNotFoundException)
        {
            return null;
        }
    }
}
