namespace Data.Vector.Hnsw;

/// <summary>Parameters of a graph.</summary>
internal sealed record HnswParameters
{
    /// <summary>Values per vector. Range: 1–65,536.</summary>
    public required int Dimension { get; init; }

    public DistanceMetric Metric { get; init; } = DistanceMetric.Cosine;

    /// <summary>Links per node on the upper levels; level 0 allows twice as many. Default: 16. Range: 2–128.</summary>
    public int M { get; init; } = 16;

    /// <summary>Size of the candidate pool at insertion. Default: 200. Range: <see cref="M"/>–10,000.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Expected number of vectors, a hint; 0 when unknown. Default: 0.</summary>
    public int Capacity { get; init; }

    /// <summary>Seed of the node levels. Default: 42.</summary>
    public ulong Seed { get; init; } = 42;

    public QuantizationMode Quantization { get; init; } = QuantizationMode.Codes;

    public void Validate()
    {
        Check(Dimension, 1, 65_536, nameof(Dimension));
        Check(M, 2, 128, nameof(M));
        Check(EfConstruction, M, 10_000, nameof(EfConstruction));
        Check(Capacity, 0, Array.MaxLength, nameof(Capacity));
    }

    private static void Check(int value, int min, int max, string name)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {min} and {max}.");
    }
}
