namespace Data.Vector.Hnsw;

/// <summary>What an index is built with.</summary>
internal sealed record HnswParameters
{
    /// <summary>Floats in a vector, 1 to 65,536.</summary>
    public required int Dimension { get; init; }

    public DistanceMetric Metric { get; init; } = DistanceMetric.Cosine;

    /// <summary>Links of a node on the upper levels, 2 to 128; level 0 allows twice as many.</summary>
    public int M { get; init; } = 16;

    /// <summary>Size of the candidate pool while building, M to 10,000.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Vectors expected; 0 for unknown. A hint: the index grows past it.</summary>
    public int Capacity { get; init; }

    /// <summary>Seeds the choice of levels.</summary>
    public ulong Seed { get; init; } = 42;

    public QuantizationMode Quantization { get; init; } = QuantizationMode.Codes;

    public void Validate()
    {
        Check(Dimension, 1, 65_536, nameof(Dimension));
        Check(M, 2, 128, nameof(M));
        Check(EfConstruction, M, 10_000, nameof(EfConstruction));
        Check(Capacity, 0, Array.MaxLength, nameof(Capacity));
    }

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must lie between {least} and {most}.");
    }
}
