namespace Data.Vector;

/// <summary>A search for all records within a distance.</summary>
public sealed class VectorRangeRequest
{
    /// <summary>Searches around a vector.</summary>
    /// <param name="vector">The centre; as many finite values as the collection has dimensions. Not copied.</param>
    /// <param name="maxDistance">The largest distance of a match, itself included, in the collection's metric.</param>
    public VectorRangeRequest(ReadOnlyMemory<float> vector, float maxDistance)
    {
        Vector = vector;
        MaxDistance = maxDistance;
    }

    /// <summary>Searches around a text, which the store's embedding generator turns into a vector.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="maxDistance">The largest distance of a match, itself included, in the collection's metric.</param>
    public VectorRangeRequest(string text, float maxDistance)
    {
        Text = text;
        MaxDistance = maxDistance;
    }

    /// <summary>The centre; empty when a text is searched for.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>The text searched for; null when a vector is.</summary>
    public string? Text { get; }

    /// <summary>The largest distance of a match, itself included.</summary>
    public float MaxDistance { get; }

    /// <summary>The highest number of matches to return, the nearest first. Default: 10,000. Range: 1–100,000.</summary>
    public int Limit { get; init; } = 10_000;

    /// <summary>The filter that records must match; null accepts every record. Default: null.</summary>
    public VectorFilter? Filter { get; init; }

    /// <summary>Whether matches carry their vectors. Default: false.</summary>
    public bool IncludeVectors { get; init; }

    /// <summary>Whether matches carry their texts. Default: true.</summary>
    public bool IncludeDocuments { get; init; } = true;
}
