using System.Net;
using System.Text.Json;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Schemas;

/// <summary>The service's OpenAPI document, by operations.</summary>
internal sealed class ServiceDocument(JsonElement document)
{
    private readonly Dictionary<string, JsonElement> _operations = document.GetProperty("paths").EnumerateObject()
        .SelectMany(static path => path.Value.EnumerateObject())
        .Where(static o => o.Value.TryGetProperty("operationId", out _))
        .ToDictionary(static o => o.Value.GetProperty("operationId").GetString()!, static o => o.Value, StringComparer.Ordinal);

    public SchemaCheck Check { get; } = new(document);

    public JsonElement Json => document;

    public IEnumerable<string> OperationIds => _operations.Keys;

    public static async Task<ServiceDocument> ReadAsync(ServiceClient client) =>
        new((await client.GetAsync("/openapi/v1.json")).Expect(HttpStatusCode.OK).Json);

    public JsonElement Operation(string id) => _operations[id];

    public bool HasBody(string id) => _operations[id].TryGetProperty("requestBody", out _);

    public JsonElement BodySchema(string id) => Body(id).GetProperty("schema");

    public JsonElement BodyExample(string id) => Body(id).GetProperty("example");

    /// <summary>What is wrong with an answer by what the document says of it.</summary>
    public IReadOnlyList<string> Faults(string id, Answer answer)
    {
        var responses = _operations[id].GetProperty("responses");
        if (!responses.TryGetProperty($"{(int)answer.Status}", out var response))
            return [$"{id}: {(int)answer.Status} is not declared: {answer.Text}"];
        if (!response.TryGetProperty("content", out var content))
            return answer.Text.Length == 0 ? [] : [$"{id}: {(int)answer.Status} has no content"];
        if (!content.TryGetProperty(answer.ContentType!, out var media))
            return [$"{id}: {answer.ContentType} is not declared for {(int)answer.Status}"];
        return [.. Check.Faults(media.GetProperty("schema"), answer.Json).Select(f => $"{id} {(int)answer.Status}{f}")];
    }

    private JsonElement Body(string id) =>
        _operations[id].GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
}
