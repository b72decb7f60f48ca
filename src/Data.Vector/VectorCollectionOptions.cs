namespace Data.Vector;

/// <summary>What a collection is; fixed when it is made.</summary>
/// <example><code>
/// var collection = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 });
/// </code></example>
public sealed record VectorCollectionOptions
{
    /// <summary>The highest value of <see cref="Dimensions"/>.</summary>
    public const int MaxDimensions = 16_384;

    /// <summary>Values per vector. Required, so there is no default; from 1 to 16,384.</summary>
    public required int Dimensions { get; init; }

    /// <summary>How distance is measured. Default <see cref="DistanceMetric.Cosine"/>.</summary>
    public DistanceMetric Metric { get; init; } = DistanceMetric.Cosine;

    /// <summary>Which index answers searches in process. Default <see cref="VectorIndexKind.Hnsw"/>; servers use their own.</summary>
    public VectorIndexKind Index { get; init; } = VectorIndexKind.Hnsw;

    /// <summary>
    /// How the graph is built and walked. Default: the defaults of <see cref="HnswOptions"/>; without effect on
    /// <see cref="VectorIndexKind.Flat"/>.
    /// </summary>
    public HnswOptions Hnsw { get; init; } = new();
}
