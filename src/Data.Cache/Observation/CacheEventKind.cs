namespace Data.Cache;

/// <summary>Kinds of events.</summary>
public enum CacheEventKind
{
    /// <summary>The local level answered a read.</summary>
    LocalHit = 0,

    /// <summary>The second level answered a read.</summary>
    RemoteHit = 1,

    /// <summary>A read found nothing.</summary>
    Miss = 2,

    /// <summary>A value was stored: a caller's, or the result of a factory.</summary>
    Set = 3,

    /// <summary>A caller removed a key.</summary>
    Removed = 4,

    /// <summary>A caller removed a tag.</summary>
    TagRemoved = 5,

    /// <summary>A caller removed keys by pattern.</summary>
    PatternRemoved = 6,

    /// <summary>An entry left the local level to keep it within its limit.</summary>
    Evicted = 7,

    /// <summary>A stale value was served because the factory failed or was slow.</summary>
    FailSafeActivated = 8,

    /// <summary>A factory threw an exception.</summary>
    FactoryFailed = 9,

    /// <summary>A factory exceeded its hard time-out.</summary>
    FactoryTimedOut = 10,

    /// <summary>The second level does not answer, or its circuit breaker has opened: the <see cref="OutageMode"/> applies.</summary>
    Disconnected = 11,

    /// <summary>The second level answers, and callers reach it.</summary>
    Connected = 12,
}
