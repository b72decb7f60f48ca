namespace Data.Vector;

/// <summary>The records that <see cref="IVectorCollection.StreamAsync"/> returns, and their parts.</summary>
public sealed class VectorStreamOptions
{
    /// <summary>The filter that records must match; null accepts every record. Default: null.</summary>
    public VectorFilter? Filter { get; init; }

    /// <summary>Whether records carry their vectors. Default: true.</summary>
    public bool IncludeVectors { get; init; } = true;

    /// <summary>Whether records carry their texts. Default: true.</summary>
    public bool IncludeDocuments { get; init; } = true;
}
