using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>Chroma's HTTP API, version 2, one method a call.</summary>
internal sealed class ChromaClient(JsonHttp http, ChromaVectorStoreOptions options)
{
    private readonly string _root = options.Endpoint.AbsoluteUri.TrimEnd('/') + "/api/v2";
    private readonly string _database =
        $"/tenants/{Uri.EscapeDataString(options.Tenant)}/databases/{Uri.EscapeDataString(options.Database)}";

    private ChromaLimits? _limits;

    /// <summary>Returns the limits of the server; they are asked for once.</summary>
    public async ValueTask<ChromaLimits> LimitsAsync(CancellationToken cancellationToken)
    {
        if (_limits is null)
        {
            using var answer = await SendAsync(HttpMethod.Get, "/pre-flight-checks", null, repeatable: true, cancellationToken)
                .ConfigureAwait(false);
            _limits = ChromaLimits.From(answer.RootElement);
        }

        return _limits;
    }

    public async Task<ChromaCollectionInfo> CreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Post, InDatabase("/collections"), writer => ChromaCollectionInfo.WriteCreate(
                writer,
                name,
                options), repeatable: false, cancellationToken).ConfigureAwait(false);
        return ChromaCollectionInfo.From(answer.RootElement);
    }

    public async Task<ChromaCollectionInfo> GetCollectionAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Get,
            InDatabase($"/collections/{Uri.EscapeDataString(name)}"),
            null,
            repeatable: true,
            cancellationToken).ConfigureAwait(false);
        return ChromaCollectionInfo.From(answer.RootElement);
    }

    public async Task<List<string>> ListCollectionsAsync(int limit, int offset, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Get,
            InDatabase($"/collections?limit={limit}&offset={offset}"),
            null,
            repeatable: true,
            cancellationToken).ConfigureAwait(false);
        return [.. answer.RootElement.EnumerateArray().Select(static item => item.GetProperty("name").GetString()!)];
    }

    public async Task DeleteCollectionAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Delete,
            InDatabase($"/collections/{Uri.EscapeDataString(name)}"),
            null,
            repeatable: false,
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> CountAsync(Guid collection, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, Records(collection, "count"), null, repeatable: true, cancellationToken)
            .ConfigureAwait(false);
        return answer.RootElement.GetInt64();
    }

    /// <summary>Writes records; the verb is <c>add</c>, <c>upsert</c> or <c>update</c>.</summary>
    public async Task WriteAsync(
        Guid collection,
        string verb,
        IReadOnlyList<ChromaWrite> records,
        bool base64,
        CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Post, Records(collection, verb), writer => ChromaWrite.WriteBatch(
                writer,
                records,
                base64), repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(Guid collection, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, Records(collection, "delete"), writer =>
        {
            writer.WriteStartObject();
            JsonIds.Write(writer, ids);
            writer.WriteEndObject();
        }, repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads records by id, by condition, or all; the caller disposes the answer.</summary>
    public Task<JsonAnswer> GetAsync(Guid collection, ChromaQuery query, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, Records(collection, "get"), query.WriteTo, repeatable: true, cancellationToken);

    /// <summary>Searches; the caller disposes the answer.</summary>
    public Task<JsonAnswer> QueryAsync(Guid collection, ChromaQuery query, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, Records(collection, "query"), query.WriteTo, repeatable: true, cancellationToken);

    private Task<JsonAnswer> SendAsync(
        HttpMethod method,
        string path,
        Action<Utf8JsonWriter>? body,
        bool repeatable,
        CancellationToken cancellationToken) =>
        http.SendAsync(method, _root + path, body, repeatable, cancellationToken);

    private string InDatabase(string path) => _database + path;

    private string Records(Guid collection, string verb) => InDatabase($"/collections/{collection:D}/{verb}");
}
