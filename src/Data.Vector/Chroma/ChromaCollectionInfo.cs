using System.Text.Json;
using Data.Vector.Metadata;

namespace Data.Vector.Chroma;

/// <summary>A collection as the server describes it.</summary>
internal sealed record ChromaCollectionInfo(Guid Id, string Name, VectorCollectionOptions Options)
{
    // Until the first record the server knows no dimension, so the one asked for is kept beside it.
    private const string DimensionsKey = MetadataKeys.OwnPrefix + "dimensions";

    public static ChromaCollectionInfo From(JsonElement root)
    {
        var metadata = root.TryGetProperty("metadata", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        var hnsw = root.TryGetProperty("configuration_json", out var configuration) && configuration.ValueKind == JsonValueKind.Object
            && configuration.TryGetProperty("hnsw", out var section) && section.ValueKind == JsonValueKind.Object ? section : default;
        var defaults = new HnswOptions();
        return new ChromaCollectionInfo(
            root.GetProperty("id").GetGuid(),
            root.GetProperty("name").GetString()!,
            new VectorCollectionOptions
            {
                Dimensions = Number(root, "dimension") ?? Number(metadata, DimensionsKey) ?? 0,
                Metric = Metric(Text(hnsw, "space") ?? Text(metadata, "hnsw:space") ?? "l2"),
                Hnsw = defaults with
                {
                    M = Number(hnsw, "max_neighbors") ?? Number(metadata, "hnsw:M") ?? defaults.M,
                    EfConstruction = Number(hnsw, "ef_construction") ?? Number(metadata, "hnsw:construction_ef") ?? defaults.EfConstruction,
                    EfSearch = Number(hnsw, "ef_search") ?? Number(metadata, "hnsw:search_ef") ?? defaults.EfSearch,
                    Quantization = QuantizationMode.None,
                },
            });
    }

    /// <summary>
    /// Writes the request that makes a collection: the settings once for servers since 1.0 and once, as metadata, for those before.
    /// </summary>
    public static void WriteCreate(Utf8JsonWriter writer, string name, VectorCollectionOptions options)
    {
        var space = Space(options.Metric);
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteStartObject("configuration");
        writer.WriteStartObject("hnsw");
        writer.WriteString("space", space);
        writer.WriteNumber("ef_construction", options.Hnsw.EfConstruction);
        writer.WriteNumber("max_neighbors", options.Hnsw.M);
        writer.WriteNumber("ef_search", options.Hnsw.EfSearch);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("metadata");
        writer.WriteString("hnsw:space", space);
        writer.WriteNumber("hnsw:construction_ef", options.Hnsw.EfConstruction);
        writer.WriteNumber("hnsw:M", options.Hnsw.M);
        writer.WriteNumber("hnsw:search_ef", options.Hnsw.EfSearch);
        writer.WriteNumber(DimensionsKey, options.Dimensions);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The first setting that the server does not have as it was asked for; null when all are.</summary>
    public string? Difference(VectorCollectionOptions wanted) =>
        Options.Metric != wanted.Metric ? $"space is {Space(Options.Metric)} instead of {Space(wanted.Metric)}"
        : Options.Hnsw.M != wanted.Hnsw.M ? $"max_neighbors is {Options.Hnsw.M} instead of {wanted.Hnsw.M}"
        : Options.Hnsw.EfConstruction != wanted.Hnsw.EfConstruction ?
            $"ef_construction is {Options.Hnsw.EfConstruction} instead of {wanted.Hnsw.EfConstruction}"
        :
            Options.Hnsw.EfSearch != wanted.Hnsw.EfSearch ? $"ef_search is {Options.Hnsw.EfSearch} instead of {wanted.Hnsw.EfSearch}"
        : null;

    private static string Space(DistanceMetric metric) => metric switch
    {
        DistanceMetric.Cosine => "cosine",
        DistanceMetric.L2 => "l2",
        _ => "ip",
    };

    private static DistanceMetric Metric(string space) => space switch
    {
        "cosine" => DistanceMetric.Cosine,
        "l2" => DistanceMetric.L2,
        "ip" => DistanceMetric.InnerProduct,
        _ => throw new VectorStoreProtocolException($"Chroma names the metric '{space}', which this version does not know."),
    };

    private static int? Number(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var number)
            ? number
            : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ?
            value.GetString() :
            null;
}
