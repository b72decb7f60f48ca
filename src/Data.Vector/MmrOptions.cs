namespace Data.Vector;

/// <summary>Re-ranking by maximal marginal relevance: near to the query, but not all the same.</summary>
/// <remarks>Carbonell and Goldstein, "The use of MMR, diversity-based reranking for reordering documents", SIGIR 1998.</remarks>
public sealed class MmrOptions
{
    /// <summary>How much nearness counts against variety: 1 is plain search, 0 variety alone. Default 0.5, from 0 to 1.</summary>
    public float Lambda { get; init; } = 0.5f;

    /// <summary>
    /// How many of the nearest records to choose from. Default 0, which means four times <c>Top</c>; else at least <c>Top</c>, up to
    /// 10,000.
    /// </summary>
    public int CandidateCount { get; init; }
}
