namespace Data.Vector;

/// <summary>A search for the records nearest to a vector or a text.</summary>
/// <remarks>Immutable; one request can be used by many searches at once.</remarks>
/// <example><code>
/// var store = provider.GetRequiredService&lt;IVectorStore&gt;();
/// var articles = await store.GetCollectionAsync("articles", cancellationToken);
/// float[] embedding = [0.1f, 0.2f, 0.3f];
/// var matches = await articles.SearchAsync(
///     new(embedding) { Top = 10, Filter = VectorFilter.Gte("year", 2020) },
///     cancellationToken);
/// </code></example>
public sealed class VectorSearchRequest
{
    /// <summary>The value of <see cref="Threshold"/> that accepts every match.</summary>
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

    private VectorSearchRequest(ReadOnlyMemory<float> vector, string? text, int skip, int top, VectorSearchRequest rest)
    {
        (Vector, Text, Skip, Top) = (vector, text, skip, top);
        (Threshold, Filter, EfSearch) = (rest.Threshold, rest.Filter, rest.EfSearch);
        (IncludeVectors, IncludeDocuments, Mmr) = (rest.IncludeVectors, rest.IncludeDocuments, rest.Mmr);
    }

    /// <summary>The vector searched for; empty when a text is.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>The text searched for; null when a vector is.</summary>
    public string? Text { get; }

    /// <summary>The highest number of matches to return. Default: 5. Range: 1–100,000.</summary>
    public int Top { get; init; } = 5;

    /// <summary>
    /// The number of nearest matches to leave out, for the next page. Default: 0. Range: 0–100,000, with <see cref="Top"/> 100,000 at most.
    /// </summary>
    /// <remarks>A search finds the matches it leaves out, too. Each page is a search of its own and sees later writes.</remarks>
    public int Skip { get; init; }

    /// <summary>
    /// The lowest similarity of a match; null and <see cref="NoThreshold"/> accept every match. Default: null.
    /// </summary>
    public float? Threshold { get; init; }

    /// <summary>The filter that records must match; null accepts every record. Default: null.</summary>
    public VectorFilter? Filter { get; init; }

    /// <summary>
    /// The number of candidates kept during this search, raised to <see cref="Top"/>; null means the collection's own. Default: null.
    /// Range: 1–10,000. Stores that cannot change it per search ignore it.
    /// </summary>
    public int? EfSearch { get; init; }

    /// <summary>Whether matches carry their vectors. Default: false.</summary>
    public bool IncludeVectors { get; init; }

    /// <summary>Whether matches carry their texts. Default: true.</summary>
    public bool IncludeDocuments { get; init; } = true;

    /// <summary>Re-ranking by maximal marginal relevance; null keeps the order by distance. Default: null.</summary>
    public MmrOptions? Mmr { get; init; }

    /// <summary>Returns the search for a vector instead of the text.</summary>
    internal VectorSearchRequest For(ReadOnlyMemory<float> vector) => new(vector, null, Skip, Top, this);

    /// <summary>Returns the search for the matches that are left out and for those after them.</summary>
    internal VectorSearchRequest WithoutSkip() => new(Vector, Text, 0, Skip + Top, this);
}
