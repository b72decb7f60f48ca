namespace Data.Vector;

/// <summary>What <see cref="IVectorCollection.StreamAsync"/> brings.</summary>
public sealed class VectorStreamOptions
{
    /// <summary>What a record must fulfil; null, the default, means nothing.</summary>
    public VectorFilter? Filter { get; init; }

    /// <summary>Whether records carry their vectors. Default true.</summary>
    public bool IncludeVectors { get; init; } = true;

    /// <summary>Whether records carry their texts. Default true.</summary>
    public bool IncludeDocuments { get; init; } = true;
}
