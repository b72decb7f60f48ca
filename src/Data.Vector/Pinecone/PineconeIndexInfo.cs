using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Pinecone;

/// <summary>An index as Pinecone describes it; a collection is an index.</summary>
internal sealed record PineconeIndexInfo(string Name, string Host, bool IsReady, VectorCollectionOptions Options)
{
    private const int MaxName = 45;

    public static PineconeIndexInfo From(JsonElement root) => new(
        root.GetProperty("name").GetString()!,
        ErrorBody.Text(root, "host") ?? "",
        root.TryGetProperty("status", out var status) && status.TryGetProperty("ready", out var ready)
            && ready.ValueKind == JsonValueKind.True,
        new VectorCollectionOptions
        {
            Dimensions = root.TryGetProperty("dimension", out var dimension) && dimension.ValueKind == JsonValueKind.Number ?
                dimension.GetInt32() :
                0,
            Metric = Metric(ErrorBody.Text(root, "metric")),
            Hnsw = new HnswOptions { Quantization = QuantizationMode.None },
        });

    public static void WriteCreate(Utf8JsonWriter writer, string name, VectorCollectionOptions options, string cloud, string region)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteNumber("dimension", options.Dimensions);
        writer.WriteString("metric", options.Metric switch
        {
            DistanceMetric.Cosine => "cosine",
            DistanceMetric.L2 => "euclidean",
            _ => "dotproduct",
        });
        writer.WriteStartObject("spec");
        writer.WriteStartObject("serverless");
        writer.WriteString("cloud", cloud);
        writer.WriteString("region", region);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteString("deletion_protection", "disabled");
        writer.WriteEndObject();
    }

    public static void CheckName(string name)
    {
        var wellFormed = name.Length <= MaxName && name[0] != '-' && name[^1] != '-'
            && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        if (!wellFormed)
        {
            throw new VectorInputException(
                $"'{name}' is not a valid name for a collection on Pinecone, where a collection is an index: "
                + $"use 3 to {MaxName} characters of a-z 0-9 -, beginning and ending with a letter or digit.");
        }
    }

    /// <summary>A score as the interface's distance. Pinecone's score is the squared distance, the cosine, or the inner product.</summary>
    public float Distance(double score) => Options.Metric == DistanceMetric.L2 ? (float)score : (float)(1 - score);

    private static DistanceMetric Metric(string? name) => name switch
    {
        "cosine" => DistanceMetric.Cosine,
        "euclidean" => DistanceMetric.L2,
        "dotproduct" => DistanceMetric.InnerProduct,
        _ => throw new VectorStoreProtocolException($"Pinecone names the metric '{name}', which this version does not know."),
    };
}
