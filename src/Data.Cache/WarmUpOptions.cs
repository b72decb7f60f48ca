namespace Data.Cache;

/// <summary>How a warm-up goes about it.</summary>
public sealed record WarmUpOptions
{
    /// <summary>Factories that run at a time. Default 8. Legal: 1 or more.</summary>
    public int MaxConcurrency { get; init; } = 8;

    /// <summary>Options of the entries. Default null: the cache's defaults.</summary>
    public DataCacheEntryOptions? Entry { get; init; }

    /// <summary>Tags of the entries. Default null: none.</summary>
    public IReadOnlyCollection<string>? Tags { get; init; }
}

/// <summary>Outcome of a warm-up.</summary>
/// <param name="Warmed">Keys that were there or were created.</param>
/// <param name="Failed">Keys whose factory failed.</param>
public readonly record struct WarmUpResult(int Warmed, int Failed);
