namespace Data.Cache.Engine;

internal static class Statistics
{
    public static DataCacheStatistics Of(CacheCore core) => new()
    {
        LocalHits = core.Counters.LocalHits.Value,
        RemoteHits = core.Counters.RemoteHits.Value,
        StaleHits = core.Counters.StaleHits.Value,
        Misses = core.Counters.Misses.Value,
        Bypasses = core.Counters.Bypasses.Value,
        FactoryRuns = core.Counters.FactoryRuns.Value,
        FactoryFailures = core.Counters.FactoryFailures.Value,
        Invalidations = core.Counters.Invalidations.Value,
        Evictions = core.Counters.Evictions.Value,
        RemoteFailures = core.Counters.RemoteFailures.Value,
        LinkChanges = core.Counters.LinkChanges.Value,
        LocalEntries = core.Local.Count,
        LocalBytes = core.Local.Bytes,
        ReplayQueueCount = core.Replay?.Count ?? 0,
        Link = core.Link?.State ?? CacheLinkState.None,
        OutageMode = core.Options.OutageMode,
    };
}
