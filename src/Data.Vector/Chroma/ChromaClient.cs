using System.Text.Json;

namespace Data.Vector.Chroma;

/// <summary>Chroma's HTTP API, version 2, one method a call.</summary>
internal sealed class ChromaClient(ChromaHttp http)
{
    public async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, "/heartbeat", null, repeatable: true, cancellationToken).ConfigureAwait(false);
    }

    public async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, "/version", null, repeatable: true, cancellationToken).ConfigureAwait(false);
        return answer.RootElement.ToString();
    }

    public async Task<ChromaLimits> LimitsAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, "/pre-flight-checks", null, repeatable: true, cancellationToken).ConfigureAwait(false);
        return ChromaLimits.From(answer.RootElement);
    }

    public async Task<ChromaCollectionInfo> CreateCollectionAsync(string name, VectorCollectionOptions options, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(
            HttpMethod.Post, http.InDatabase("/collections"), writer => ChromaCollectionInfo.WriteCreate(writer, name, options), repeatable: false, cancellationToken).ConfigureAwait(false);
        return ChromaCollectionInfo.From(answer.RootElement);
    }

    public async Task<ChromaCollectionInfo> GetCollectionAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, http.InDatabase($"/collections/{Uri.EscapeDataString(name)}"), null, repeatable: true, cancellationToken).ConfigureAwait(false);
        return ChromaCollectionInfo.From(answer.RootElement);
    }

    public async Task<List<string>> ListCollectionsAsync(int limit, int offset, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, http.InDatabase($"/collections?limit={limit}&offset={offset}"), null, repeatable: true, cancellationToken).ConfigureAwait(false);
        return [.. answer.RootElement.EnumerateArray().Select(static item => item.GetProperty("name").GetString()!)];
    }

    public async Task DeleteCollectionAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Delete, http.InDatabase($"/collections/{Uri.EscapeDataString(name)}"), null, repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> CountAsync(Guid collection, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, Records(collection, "count"), null, repeatable: true, cancellationToken).ConfigureAwait(false);
        return answer.RootElement.GetInt64();
    }

    /// <summary>Writes records; the verb is <c>add</c>, <c>upsert</c> or <c>update</c>.</summary>
    public async Task WriteAsync(Guid collection, string verb, IReadOnlyList<ChromaWrite> records, bool base64, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(
            HttpMethod.Post, Records(collection, verb), writer => ChromaWrite.WriteBatch(writer, records, base64), repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(Guid collection, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Post, Records(collection, "delete"), writer =>
        {
            writer.WriteStartObject();
            ChromaQuery.WriteIds(writer, ids);
            writer.WriteEndObject();
        }, repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads records by id, by condition, or all; the caller disposes the answer.</summary>
    public Task<JsonDocument> GetAsync(Guid collection, ChromaQuery query, CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Post, Records(collection, "get"), query.WriteTo, repeatable: true, cancellationToken);

    /// <summary>Searches; the caller disposes the answer.</summary>
    public Task<JsonDocument> QueryAsync(Guid collection, ChromaQuery query, CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Post, Records(collection, "query"), query.WriteTo, repeatable: true, cancellationToken);

    private string Records(Guid collection, string verb) => http.InDatabase($"/collections/{collection:D}/{verb}");
}
