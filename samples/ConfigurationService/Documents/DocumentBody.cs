using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using Data.Vector;

namespace ConfigurationService.Documents;

/// <summary>Reads documents and searches from bodies.</summary>
internal static class DocumentBody
{
    private const int MaxDocuments = 500;
    private const int MaxText = 100_000;
    private const double DefaultThreshold = 0.5;
    public const int MaxId = 200;

    public static IReadOnlyList<VectorRecord> ReadDocuments(JsonDocument document)
    {
        var errors = new BodyErrors();
        var body = JsonBody.Root(document, errors);
        body.RejectUnknown("documents");
        var items = body.Objects("documents");
        if (items.Count is 0 or > MaxDocuments)
            body.Fault(Problems.InvalidValue, "documents", $"documents is required: an array of 1 to {MaxDocuments} objects.");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var records = new List<VectorRecord>();
        foreach (var item in items)
        {
            item.RejectUnknown("id", "text", "metadata");
            var id = item.Text("id", MaxId) ?? Guid.CreateVersion7().ToString();
            if (!ids.Add(id))
                item.Fault(Problems.InvalidValue, "id", $"'{id}' is named twice.");
            var text = item.Text("text", MaxText, required: true) ?? "";
            records.Add(new VectorRecord(id, text) { Metadata = Metadata(item, "metadata") });
        }

        errors.ThrowIfAny();
        return records;
    }

    public static VectorSearchRequest ReadSearch(JsonDocument document)
    {
        var errors = new BodyErrors();
        var body = JsonBody.Root(document, errors);
        body.RejectUnknown("query", "embedding", "top_k", "threshold", "where");
        var query = body.Text("query", MaxText);
        var embedding = body.Numbers("embedding", HashedNgramGenerator.Dimensions);
        if (query is null == embedding is null)
        {
            body.Fault(
                Problems.MissingField,
                "query",
                $"Give either query, a text, or embedding, {HashedNgramGenerator.Dimensions} numbers.");
        }

        var top = body.Integer("top_k", 1) ?? 5;
        if (top > MaxDocuments)
            body.Fault(Problems.InvalidValue, "top_k", $"top_k is 1 to {MaxDocuments}.");
        var threshold = body.Number("threshold", -1, 1) ?? DefaultThreshold;
        var filters = Metadata(body, "where").Select(static m => VectorFilter.Eq(m.Key, m.Value)).ToArray();
        errors.ThrowIfAny();
        var filter = filters.Length == 0 ? null : VectorFilter.And(filters);
        return query is not null
            ? new VectorSearchRequest(query) { Top = top, Threshold = (float)threshold, Filter = filter }
            : new VectorSearchRequest(embedding) { Top = top, Threshold = (float)threshold, Filter = filter };
    }

    private static VectorMetadata Metadata(BodyObject body, string name)
    {
        var metadata = new VectorMetadata();
        if (body.Object(name) is not { } values)
            return metadata;
        foreach (var member in values.Element.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.String)
                metadata[member.Name] = member.Value.GetString()!;
            else if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var whole))
                metadata[member.Name] = whole;
            else if (member.Value.ValueKind == JsonValueKind.Number)
                metadata[member.Name] = member.Value.GetDouble();
            else if (member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
                metadata[member.Name] = member.Value.GetBoolean();
            else
                values.Fault(Problems.WrongType, member.Name, "A text, a number, true or false is expected.");
        }

        return metadata;
    }
}
