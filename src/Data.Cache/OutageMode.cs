namespace Data.Cache;

/// <summary>What the cache does while Redis is away.</summary>
public enum OutageMode
{
    /// <summary>The local level goes on alone; writes and removals are queued and replayed.</summary>
    Local = 0,

    /// <summary>Errors surface as <see cref="CacheUnavailableException"/>.</summary>
    Strict = 1,

    /// <summary>Nothing is cached: every factory runs, as with <see cref="NullCache"/>.</summary>
    NoOp = 2,
}
