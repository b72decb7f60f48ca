namespace Data.Cache;

/// <summary>What the cache does while Redis is disconnected.</summary>
public enum OutageMode
{
    /// <summary>The local level continues alone; writes and removals are queued and replayed.</summary>
    Local = 0,

    /// <summary>Errors surface as <see cref="CacheUnavailableException"/>.</summary>
    Strict = 1,

    /// <summary>Nothing is cached and every factory runs, as with <see cref="NullCache"/>.</summary>
    NoOp = 2,
}
