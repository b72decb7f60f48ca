namespace Data.Cache;

/// <summary>How a removal by pattern goes about it.</summary>
public sealed record PatternRemovalOptions
{
    /// <summary>Count the matches and remove nothing. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Keys looked at per SCAN and unlinked per batch. Default 400. Legal: 10 to 10,000; larger batches are faster and make other clients
    /// wait longer: a thousand at a time for some 2 ms.
    /// </summary>
    public int BatchSize { get; init; } = 400;

    /// <summary>Told after every batch. Default null: nobody.</summary>
    public IProgress<PatternRemovalProgress>? Progress { get; init; }
}

/// <summary>Where a removal by pattern stands.</summary>
/// <param name="Matched">Keys that matched so far.</param>
/// <param name="Removed">Keys removed so far; 0 in a dry run.</param>
public readonly record struct PatternRemovalProgress(long Matched, long Removed);
