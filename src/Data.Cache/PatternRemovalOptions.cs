namespace Data.Cache;

/// <summary>Settings of a removal by pattern.</summary>
public sealed record PatternRemovalOptions
{
    /// <summary>Whether matches are counted and nothing is removed. Default: false.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Keys examined per SCAN and unlinked per batch. Larger batches are faster and delay other clients longer: 1,000 keys by some 2 ms.
    /// Default: 400. Range: 10–10,000.
    /// </summary>
    public int BatchSize { get; init; } = 400;

    /// <summary>Receives the progress after every batch. Default: null, nobody.</summary>
    public IProgress<PatternRemovalProgress>? Progress { get; init; }
}

/// <summary>Progress of a removal by pattern.</summary>
/// <param name="Matched">Keys that matched so far.</param>
/// <param name="Removed">Keys removed so far; 0 in a dry run.</param>
public readonly record struct PatternRemovalProgress(long Matched, long Removed);
