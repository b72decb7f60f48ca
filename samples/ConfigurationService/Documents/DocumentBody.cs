using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Schemas;
using Data.Vector;

namespace ConfigurationService.Documents;

/// <summary>Reads documents and searches from bodies.</summary>
internal static class DocumentBody
{
    private const int MaxDocuments = 500;
    private const double DefaultThreshold = 0.5;

    private static readonly TextShape Text = new(1, 100_000) { HasLines = true };

    private static readonly WholeShape Top =
        new(1, MaxDocuments) { Default = 5, Nullable = true, Description = "Most documents; fewer when their texts are large." };

    public static readonly TextShape Id = new(1, 200) { Description = "Identity of a document." };

    public static readonly ObjectShape Documents = new("DocumentsBody", [
        new("documents", new ArrayShape(new ObjectShape("Document", [
            new("id", Id with { Nullable = true, Description = "Absent: one is made. A document of the same id is replaced." }),
            new("text", Text, Required: true),
            new("metadata", new MapShape(new ScalarShape())
            {
                Nullable = true, Description = "By these a search can be narrowed.",
            }),
        ]), 1, MaxDocuments), Required: true),
    ]);

    public static readonly ObjectShape Search = new("SearchBody", [
        new("query", Text with { Nullable = true, Description = "Text to look for; or give embedding." }),
        new("embedding", new ArrayShape(
            new NumberShape(-1e28, 1e28), HashedNgramGenerator.Dimensions, HashedNgramGenerator.Dimensions) { Nullable = true }),
        new("top_k", Top),
        new("threshold", new NumberShape(-1, 1) { Nullable = true, Description = "Least cosine similarity; 0.5 when absent." }),
        new("where", new MapShape(new ScalarShape()) { Nullable = true, Description = "Metadata that must be equal." }),
    ]);

    public static IReadOnlyList<VectorRecord> ReadDocuments(JsonBody body)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var records = new List<VectorRecord>();
        foreach (var item in body.Root.Objects("documents"))
        {
            var id = item.Text("id") ?? Guid.CreateVersion7().ToString();
            if (!ids.Add(id))
                item.Fault(Problems.InvalidValue, "id", $"'{id}' is named twice.");
            records.Add(new VectorRecord(id, item.Text("text") ?? "") { Metadata = Metadata(item, "metadata") });
        }

        body.Errors.ThrowIfAny();
        return records;
    }

    public static VectorSearchRequest ReadSearch(JsonBody body)
    {
        var root = body.Root;
        var query = root.Text("query");
        var embedding = root.Numbers("embedding");
        if (query is null == embedding is null)
        {
            root.Fault(
                Problems.MissingField,
                "query",
                $"Give either query, a text, or embedding, {HashedNgramGenerator.Dimensions} numbers.");
        }

        body.Errors.ThrowIfAny();
        var filters = Metadata(root, "where").Select(static m => VectorFilter.Eq(m.Key, m.Value)).ToArray();
        var filter = filters.Length == 0 ? null : VectorFilter.And(filters);
        var (top, threshold) = (root.Integer("top_k", Top)!.Value, (float)(root.Number("threshold") ?? DefaultThreshold));
        return query is not null
            ? new VectorSearchRequest(query) { Top = top, Threshold = threshold, Filter = filter }
            : new VectorSearchRequest(embedding) { Top = top, Threshold = threshold, Filter = filter };
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
        }

        return metadata;
    }
}
