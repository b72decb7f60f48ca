using System.Globalization;
using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Pinecone;

/// <summary>Pinecone's REST API, one method a call: indexes at its central address, records at the host of their index.</summary>
internal sealed class PineconeClient(JsonHttp http, PineconeVectorStoreOptions options)
{
    private readonly string _control = options.Endpoint.AbsoluteUri.TrimEnd('/');
    private readonly string _namespace = Uri.EscapeDataString(options.Namespace);

    public async Task CreateIndexAsync(string name, VectorCollectionOptions shape, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(
            HttpMethod.Post, _control + "/indexes", writer => PineconeIndexInfo.WriteCreate(
                writer,
                name,
                shape,
                options.Cloud,
                options.Region), repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    public async Task<PineconeIndexInfo> DescribeIndexAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(
            HttpMethod.Get,
            $"{_control}/indexes/{Uri.EscapeDataString(name)}",
            null,
            repeatable: true,
            cancellationToken).ConfigureAwait(false);
        return PineconeIndexInfo.From(answer.RootElement);
    }

    public async Task<List<string>> ListIndexesAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Get, _control + "/indexes", null, repeatable: true, cancellationToken)
            .ConfigureAwait(false);
        return [.. answer.RootElement.GetProperty("indexes").EnumerateArray()
            .Select(static index => index.GetProperty("name").GetString()!)];
    }

    public async Task DeleteIndexAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(
            HttpMethod.Delete,
            $"{_control}/indexes/{Uri.EscapeDataString(name)}",
            null,
            repeatable: false,
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<long> CountAsync(string host, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Post, Data(host, "/describe_index_stats"), static writer =>
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }, repeatable: true, cancellationToken).ConfigureAwait(false);
        return answer.RootElement.TryGetProperty("namespaces", out var namespaces)
            && namespaces.TryGetProperty(options.Namespace, out var ours)
            ? ours.GetProperty("vectorCount").GetInt64()
            : 0;
    }

    /// <summary>Writes records; returns the number that the write got, null when the server tells none.</summary>
    public async Task<long?> UpsertAsync(string host, IReadOnlyList<PineconeWrite> records, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Post, Data(host, "/vectors/upsert"), writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("namespace", options.Namespace);
            writer.WriteStartArray("vectors");
            foreach (var record in records)
                record.WriteTo(writer);

            writer.WriteEndArray();
            writer.WriteEndObject();
        }, repeatable: false, cancellationToken).ConfigureAwait(false);
        return Number(answer, PineconeServer.WrittenHeader);
    }

    /// <summary>Deletes records; returns the number that the write got, null when the server tells none.</summary>
    public async Task<long?> DeleteAsync(string host, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        using var answer = await http.SendAsync(HttpMethod.Post, Data(host, "/vectors/delete"), writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("namespace", options.Namespace);
            JsonIds.Write(writer, ids);
            writer.WriteEndObject();
        }, repeatable: false, cancellationToken).ConfigureAwait(false);
        return Number(answer, PineconeServer.WrittenHeader);
    }

    /// <summary>Searches; the caller disposes the answer.</summary>
    public Task<JsonAnswer> QueryAsync(
        string host,
        ReadOnlyMemory<float> vector,
        int top,
        WhereClause? filter,
        bool includeValues,
        bool includeMetadata,
        CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Post, Data(host, "/query"), writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("namespace", options.Namespace);
            writer.WritePropertyName("vector");
            JsonVectors.Write(writer, vector.Span);
            writer.WriteNumber("topK", top);
            writer.WriteBoolean("includeValues", includeValues);
            writer.WriteBoolean("includeMetadata", includeMetadata);
            if (filter is not null)
            {
                writer.WritePropertyName("filter");
                filter.WriteTo(writer);
            }

            writer.WriteEndObject();
        }, repeatable: true, cancellationToken);

    /// <summary>The number of the newest write that searches see; null when the server tells none.</summary>
    public async Task<long?> IndexedAsync(string host, int dimensions, CancellationToken cancellationToken)
    {
        var probe = new float[dimensions];
        probe[0] = 1;
        using var answer = await QueryAsync(host, probe, 1, null, includeValues: false, includeMetadata: false, cancellationToken)
            .ConfigureAwait(false);
        return Number(answer, PineconeServer.IndexedHeader);
    }

    /// <summary>Reads records by id; the caller disposes the answer.</summary>
    public Task<JsonAnswer> FetchAsync(string host, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        http.SendAsync(
            HttpMethod.Get,
            Data(host, $"/vectors/fetch?namespace={_namespace}&{string.Join('&', ids.Select(IdParameter))}"),
            null,
            repeatable: true,
            cancellationToken);

    private static string IdParameter(string id) => "ids=" + Uri.EscapeDataString(id);

    /// <summary>One page of ids, and the token of the next page, null at the end.</summary>
    public async Task<(List<string> Ids, string? Next)> ListAsync(string host, string? token, CancellationToken cancellationToken)
    {
        var page = token is null ? "" : "&paginationToken=" + Uri.EscapeDataString(token);
        using var answer = await http.SendAsync(
            HttpMethod.Get,
            Data(host, $"/vectors/list?namespace={_namespace}&limit=100{page}"),
            null,
            repeatable: true,
            cancellationToken).ConfigureAwait(false);
        var root = answer.RootElement;
        List<string> ids = root.TryGetProperty("vectors", out var vectors) ?
            [.. vectors.EnumerateArray().Select(static item => item.GetProperty("id").GetString()!)] :
            [];
        return (ids, root.TryGetProperty("pagination", out var pagination) ? ErrorBody.Text(pagination, "next") : null);
    }

    private static long? Number(JsonAnswer answer, string header) =>
        long.TryParse(answer.Header(header), CultureInfo.InvariantCulture, out var number) ? number : null;

    private string Data(string host, string path) => $"{options.Endpoint.Scheme}://{host}{path}";
}
