namespace Data.Vector;

/// <summary>How the graph of a collection is built and searched.</summary>
/// <remarks>Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW graphs", 2018.</remarks>
public sealed record HnswOptions
{
    /// <summary>Links per vector on the upper levels; level 0 allows twice as many. Default: 16. Range: 2–128.</summary>
    /// <remarks>A higher value gives better recall and takes more memory.</remarks>
    public int M { get; init; } = 16;

    /// <summary>
    /// The number of candidates kept while the neighbours of a new vector are searched. Default: 200. Range: <see cref="M"/>–4,096.
    /// </summary>
    /// <remarks>A higher value gives a better graph and a slower build.</remarks>
    public int EfConstruction { get; init; } = 200;

    /// <summary>
    /// The number of candidates kept during a search, raised to the number of matches requested. Default: 100. Range: 1–10,000.
    /// </summary>
    /// <remarks>A higher value gives better recall and slower searches.</remarks>
    public int EfSearch { get; init; } = 100;

    /// <summary>The number of vectors to allocate room for at the start, a hint. Default: 0. Range: 0–100,000,000.</summary>
    public int Capacity { get; init; }

    /// <summary>
    /// The seed of the random levels. Default: 42. The same seed and the same order of adds in one thread give the same graph.
    /// </summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>
    /// What the search reads of each vector; results are always ranked by the exact vectors.
    /// Default: <see cref="QuantizationMode.Codes"/>.
    /// </summary>
    public QuantizationMode Quantization { get; init; } = QuantizationMode.Codes;
}
