using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>The options of one entry with every default filled in.</summary>
internal readonly record struct EntrySpec(
    TimeSpan Expiration,
    TimeSpan LocalExpiration,
    TimeSpan NegativeExpiration,
    TimeSpan MaxStale,
    TimeSpan SoftTimeout,
    TimeSpan HardTimeout,
    double EagerRefresh,
    HybridCacheEntryFlags Flags,
    TimeSpan? Sliding = null,
    bool IsExact = false)
{
    public bool ReadsLocal => !Flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);

    public bool WritesLocal => !Flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheWrite);

    public bool ReadsRemote => !Flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheRead);

    public bool WritesRemote => !Flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    public bool RunsFactory => !Flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData);

    public bool Compresses => !Flags.HasFlag(HybridCacheEntryFlags.DisableCompression);
}
