namespace Data.Cache;

/// <summary>Settings of a warm-up.</summary>
public sealed record WarmUpOptions
{
    /// <summary>Factories that run concurrently. Default: 8. Range: 1 or more.</summary>
    public int MaxConcurrency { get; init; } = 8;

    /// <summary>Options of the entries. Default: null, the defaults of the cache.</summary>
    public DataCacheEntryOptions? Entry { get; init; }

    /// <summary>Tags of the entries. Default: null, none.</summary>
    public IReadOnlyCollection<string>? Tags { get; init; }
}

/// <summary>Outcome of a warm-up.</summary>
/// <param name="Warmed">Keys that were cached already or were created.</param>
/// <param name="Failed">Keys whose factory failed.</param>
public readonly record struct WarmUpResult(int Warmed, int Failed);
