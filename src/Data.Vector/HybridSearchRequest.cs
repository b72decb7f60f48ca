namespace Data.Vector;

/// <summary>A search by words and by vector whose two rankings are fused into one.</summary>
/// <remarks>
/// Immutable; one request can be used by many searches at once. The text part ranks records by BM25 over their texts, the vector part by
/// distance; a record that only one part found is a candidate too.
/// </remarks>
/// <example><code>
/// var store = provider.GetRequiredService&lt;IVectorStore&gt;();
/// var articles = await store.GetCollectionAsync("articles", cancellationToken);
/// float[] embedding = [0.1f, 0.2f, 0.3f];
/// var matches = await articles.HybridSearchAsync(
///     new("error NU1603", embedding) { Top = 10, Filter = VectorFilter.Gte("year", 2020) },
///     cancellationToken);
/// </code></example>
public sealed class HybridSearchRequest
{
    /// <summary>The highest value of <see cref="Candidates"/>.</summary>
    public const int MaxCandidates = 10_000;

    /// <summary>Searches for the words of a text, and for the vector that the store's embedding generator computes from it.</summary>
    /// <param name="text">The text, not empty. One without words finds nothing by words.</param>
    public HybridSearchRequest(string text)
        : this(text, text)
    {
    }

    /// <summary>
    /// Searches for the words of one text, and for the vector that the store's embedding generator computes from another.
    /// </summary>
    /// <param name="text">The text whose words are searched for, not empty.</param>
    /// <param name="textToEmbed">The text that is turned into a vector, not empty.</param>
    public HybridSearchRequest(string text, string textToEmbed)
    {
        Text = text;
        TextToEmbed = textToEmbed;
    }

    /// <summary>Searches for the words of a text and the neighbours of a vector.</summary>
    /// <param name="text">The text whose words are searched for, not empty.</param>
    /// <param name="vector">The vector; as many finite values as the collection has dimensions, under cosine not all zero. Not
    /// copied.</param>
    public HybridSearchRequest(string text, ReadOnlyMemory<float> vector)
    {
        Text = text;
        Vector = vector;
    }

    /// <summary>The text whose words are searched for.</summary>
    public string Text { get; }

    /// <summary>The text that is turned into a vector; null when the request brings one.</summary>
    public string? TextToEmbed { get; }

    /// <summary>The vector searched for; empty when a text is embedded.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>The highest number of matches to return. Default: 5. Range: 1–100,000.</summary>
    public int Top { get; init; } = 5;

    /// <summary>
    /// The number of best matches to leave out, for the next page. Default: 0. Range: 0–100,000, with <see cref="Top"/> 100,000 at most.
    /// </summary>
    /// <remarks>Each page is a search of its own and sees later writes.</remarks>
    public int Skip { get; init; }

    /// <summary>The filter that records must match, in both parts; null accepts every record. Default: null.</summary>
    public VectorFilter? Filter { get; init; }

    /// <summary>How the two rankings become one. Default: <see cref="HybridFusion.ReciprocalRank"/> with k 60.</summary>
    public HybridFusion Fusion { get; init; } = HybridFusion.ReciprocalRank();

    /// <summary>
    /// The number of records that each part contributes, raised to <see cref="Skip"/> and <see cref="Top"/> together. Default: 100.
    /// Range: 1–10,000.
    /// </summary>
    /// <remarks>A part does not rank records beyond these. Two pages of one search agree when the number is the same in both.</remarks>
    public int Candidates { get; init; } = 100;

    /// <summary>
    /// The number of candidates that the vector part keeps while it searches; null means the collection's own. Default: null.
    /// Range: 1–10,000. Stores that cannot change it per search ignore it.
    /// </summary>
    public int? EfSearch { get; init; }

    /// <summary>Whether matches carry their vectors. Default: false.</summary>
    public bool IncludeVectors { get; init; }

    /// <summary>Whether matches carry their texts. Default: true.</summary>
    public bool IncludeDocuments { get; init; } = true;
}
