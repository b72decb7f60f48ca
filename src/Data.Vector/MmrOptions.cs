namespace Data.Vector;

/// <summary>Re-ranking by maximal marginal relevance: matches near the query that differ from one another.</summary>
/// <remarks>Carbonell and Goldstein, "The use of MMR, diversity-based reranking for reordering documents", SIGIR 1998.</remarks>
public sealed class MmrOptions
{
    /// <summary>
    /// The weight of nearness against diversity: 1 is a plain search, 0 counts diversity only. Default: 0.5. Range: 0–1.
    /// </summary>
    public float Lambda { get; init; } = 0.5f;

    /// <summary>
    /// The number of nearest records to choose from; 0 means four times <c>Top</c>. Default: 0. Range: 0, or <c>Top</c>–10,000.
    /// </summary>
    public int CandidateCount { get; init; }
}
