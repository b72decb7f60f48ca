namespace Data.Vector;

/// <summary>How the graph of a collection is built and walked.</summary>
/// <remarks>Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW graphs", 2018.</remarks>
public sealed record HnswOptions
{
    /// <summary>
    /// Links per vector on the upper levels; level 0 allows twice as many. Default 16, from 2 to 128. More is better recall and more
    /// memory.
    /// </summary>
    public int M { get; init; } = 16;

    /// <summary>
    /// Width of the walk that finds a new vector's neighbours. Default 200, from <see cref="M"/> to 4,096. More is a better graph and a
    /// slower build.
    /// </summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>
    /// Width of the walk of a search, raised to the number of matches asked for. Default 100, from 1 to 10,000. More is better recall and a
    /// slower search.
    /// </summary>
    public int EfSearch { get; init; } = 100;

    /// <summary>Vectors to make room for at once, a hint. Default 0, from 0 to 100,000,000.</summary>
    public int Capacity { get; init; }

    /// <summary>Seed of the random levels; the same seed and order of adds in one thread give the same graph. Default 42.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>
    /// How the walk sees the vectors; results are always ranked by the exact ones. Default <see cref="QuantizationMode.Codes"/>.
    /// </summary>
    public QuantizationMode Quantization { get; init; } = QuantizationMode.Codes;
}
