namespace Data.Vector;

/// <summary>The shape of a collection, fixed when it is created.</summary>
/// <example><code>
/// var store = provider.GetRequiredService&lt;IVectorStore&gt;();
/// var articles = await store.GetOrCreateCollectionAsync("articles", new() { Dimensions = 768 }, cancellationToken);
/// </code></example>
public sealed record VectorCollectionOptions
{
    /// <summary>The highest value of <see cref="Dimensions"/>.</summary>
    public const int MaxDimensions = 16_384;

    /// <summary>The number of values per vector. Required. Default: none. Range: 1–16,384.</summary>
    public required int Dimensions { get; init; }

    /// <summary>The measure of distance. Default: <see cref="DistanceMetric.Cosine"/>.</summary>
    public DistanceMetric Metric { get; init; } = DistanceMetric.Cosine;

    /// <summary>The index that answers searches in process; servers use their own. Default: <see cref="VectorIndexKind.Hnsw"/>.</summary>
    public VectorIndexKind Index { get; init; } = VectorIndexKind.Hnsw;

    /// <summary>
    /// How the graph is built and searched. Default: the defaults of <see cref="HnswOptions"/>. Without effect on
    /// <see cref="VectorIndexKind.Flat"/>.
    /// </summary>
    public HnswOptions Hnsw { get; init; } = new();

    /// <summary>
    /// When the collection has an index over the words of its texts. Default: <see cref="VectorTextIndex.OnDemand"/>. Chroma and Pinecone
    /// have none.
    /// </summary>
    public VectorTextIndex TextIndex { get; init; } = VectorTextIndex.OnDemand;
}
