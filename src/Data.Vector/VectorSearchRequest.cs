namespace Data.Vector;

/// <summary>What to search for and what to bring back.</summary>
/// <remarks>Immutable, so one request may serve many searches at once.</remarks>
/// <example><code>
/// var result = await collection.SearchAsync(new(embedding) { Top = 10, Filter = VectorFilter.Gte("year", 2020) });
/// </code></example>
public sealed class VectorSearchRequest
{
    /// <summary>The value of <see cref="Threshold"/> that lets every match pass.</summary>
    public const float NoThreshold = float.NegativeInfinity;

    /// <summary>The highest value of <see cref="Top"/>.</summary>
    public const int MaxTop = 100_000;

    /// <summary>Searches for the neighbours of a vector.</summary>
    /// <param name="vector">The vector; as many finite values as the collection has dimensions, under cosine not all zero. Not
    /// copied.</param>
    public VectorSearchRequest(ReadOnlyMemory<float> vector) => Vector = vector;

    /// <summary>Searches for the neighbours of a text, which the store's embedding generator turns into a vector.</summary>
    /// <param name="text">The text, not empty.</param>
    public VectorSearchRequest(string text) => Text = text;

    /// <summary>The vector searched for; empty when a text is.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>The text searched for; null when a vector is.</summary>
    public string? Text { get; }

    /// <summary>The most matches to return. Default 5, from 1 to 100,000.</summary>
    public int Top { get; init; } = 5;

    /// <summary>
    /// The least similarity of a match. Null, the default, means 0.5 under cosine and no limit under the other metrics;
    /// <see cref="NoThreshold"/> switches it off.
    /// </summary>
    public float? Threshold { get; init; }

    /// <summary>What a record must fulfil to match; null, the default, means nothing.</summary>
    public VectorFilter? Filter { get; init; }

    /// <summary>
    /// The width of the graph walk for this search, 1 to 10,000 and raised to <see cref="Top"/>; null, the default, means the collection's
    /// own. Stores that cannot change it per search ignore it.
    /// </summary>
    public int? EfSearch { get; init; }

    /// <summary>Whether matches carry their vectors. Default false.</summary>
    public bool IncludeVectors { get; init; }

    /// <summary>Whether matches carry their texts. Default true.</summary>
    public bool IncludeDocuments { get; init; } = true;

    /// <summary>Re-ranking by maximal marginal relevance; null, the default, leaves the order by distance.</summary>
    public MmrOptions? Mmr { get; init; }
}
