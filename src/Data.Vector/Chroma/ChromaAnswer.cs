using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>Reads the columns of a <c>get</c>, or of one row of a <c>query</c>, record by record.</summary>
internal readonly struct ChromaAnswer
{
    private readonly JsonElement _ids;
    private readonly JsonElement _metadatas;
    private readonly JsonElement _documents;
    private readonly JsonElement _embeddings;
    private readonly JsonElement _distances;

    /// <summary>The answer of a <c>get</c>.</summary>
    public ChromaAnswer(JsonElement root)
        : this(root, static column => column)
    {
    }

    /// <summary>One row of the answer of a <c>query</c>.</summary>
    public ChromaAnswer(JsonElement root, int row)
        : this(root, column => column.ValueKind == JsonValueKind.Array ? column[row] : default)
    {
    }

    private ChromaAnswer(JsonElement root, Func<JsonElement, JsonElement> pick)
    {
        _ids = pick(Column(root, "ids"));
        _metadatas = pick(Column(root, "metadatas"));
        _documents = pick(Column(root, "documents"));
        _embeddings = pick(Column(root, "embeddings"));
        _distances = pick(Column(root, "distances"));
        if (_ids.ValueKind != JsonValueKind.Array)
            throw new VectorStoreProtocolException("Chroma's answer has no ids.");
    }

    public int Count => _ids.GetArrayLength();

    public string Id(int i) => _ids[i].GetString()!;

    public float Distance(int i) => _distances[i].GetSingle();

    public JsonElement RawMetadata(int i) => At(_metadatas, i);

    public float[]? Vector(int i) => JsonVectors.Read(At(_embeddings, i));

    public VectorRecord Record(int i)
    {
        var metadata = At(_metadatas, i);
        var document = At(_documents, i);
        var none = metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty(ChromaMetadata.NoDocument, out _);
        return new VectorRecord(Id(i), Vector(i))
        {
            Document = none || document.ValueKind != JsonValueKind.String ? null : document.GetString(),
            Metadata = ChromaMetadata.Decode(metadata),
        };
    }

    private static JsonElement Column(JsonElement root, string name) => root.TryGetProperty(name, out var column) ? column : default;

    private static JsonElement At(JsonElement column, int i) => column.ValueKind == JsonValueKind.Array ? column[i] : default;
}
