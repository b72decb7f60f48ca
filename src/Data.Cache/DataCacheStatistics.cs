namespace Data.Cache;

/// <summary>Counters of one cache since its start, and the state of its link to Redis.</summary>
/// <remarks>A snapshot: the counters are read one after another while they continue to change.</remarks>
public sealed record DataCacheStatistics
{
    /// <summary>Reads answered by the local level.</summary>
    public long LocalHits { get; init; }

    /// <summary>Reads answered by Redis.</summary>
    public long RemoteHits { get; init; }

    /// <summary>Reads answered with a stale value under fail-safe.</summary>
    public long StaleHits { get; init; }

    /// <summary>Reads that found nothing.</summary>
    public long Misses { get; init; }

    /// <summary>
    /// Operations that were not cached: invalid keys, oversized payloads, values that could not be serialized.
    /// </summary>
    public long Bypasses { get; init; }

    /// <summary>Factories started.</summary>
    public long FactoryRuns { get; init; }

    /// <summary>Factories that failed or timed out.</summary>
    public long FactoryFailures { get; init; }

    /// <summary>Invalidations sent: keys, tags and patterns.</summary>
    public long Invalidations { get; init; }

    /// <summary>Entries evicted from the local level to stay within its limit.</summary>
    public long Evictions { get; init; }

    /// <summary>Entries in the local level now.</summary>
    public long LocalEntries { get; init; }

    /// <summary>Bytes in the local level now, as accounted.</summary>
    public long LocalBytes { get; init; }

    /// <summary>Calls to Redis that failed or exceeded their deadline.</summary>
    public long RemoteFailures { get; init; }

    /// <summary>Disconnections from Redis and reconnections.</summary>
    public long LinkChanges { get; init; }

    /// <summary>Writes and removals that wait for Redis.</summary>
    public int ReplayQueueCount { get; init; }

    /// <summary>State of the link to Redis.</summary>
    public CacheLinkState Link { get; init; }

    /// <summary>
    /// Why Redis is not used, or what it refuses although it answers, such as <c>AuthenticationFailure</c> or <c>write: OOM</c>; null while
    /// all is well. Names neither hosts nor secrets.
    /// </summary>
    public string? LinkFault { get; init; }

    /// <summary>Mode that applies while Redis is disconnected.</summary>
    public OutageMode OutageMode { get; init; }

    /// <summary>Share of reads answered without a factory, 0 to 1; 0 before the first read.</summary>
    public double HitRatio
    {
        get
        {
            var hits = LocalHits + RemoteHits + StaleHits;
            var reads = hits + Misses;
            return reads == 0 ? 0 : (double)hits / reads;
        }
    }
}
