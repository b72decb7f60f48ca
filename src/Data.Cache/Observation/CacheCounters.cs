using Data.Cache.Internal;

namespace Data.Cache.Observation;

/// <summary>The counters of a cache, and the observers of what is counted.</summary>
internal sealed class CacheCounters(CacheEvents? events = null)
{
    /// <summary>Null where nobody listens.</summary>
    public CacheEvents? Events => events;

    public StripedCounter LocalHits { get; } = new();

    public StripedCounter RemoteHits { get; } = new();

    public StripedCounter StaleHits { get; } = new();

    public StripedCounter Misses { get; } = new();

    public StripedCounter Bypasses { get; } = new();

    public StripedCounter FactoryRuns { get; } = new();

    public StripedCounter FactoryFailures { get; } = new();

    public StripedCounter Invalidations { get; } = new();

    public StripedCounter Evictions { get; } = new();

    public StripedCounter RemoteFailures { get; } = new();

    public StripedCounter LinkChanges { get; } = new();
}
