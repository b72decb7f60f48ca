using Data.Cache.Internal;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>
/// Reads that leave nothing in the local level: there is nothing to fence and nobody to share with, so a hit needs no flight.
/// </summary>
internal static class Passing
{
    public static bool Allows(CacheCore core, HybridCacheEntryFlags flags, string key) =>
        flags.HasFlag(HybridCacheEntryFlags.DisableLocalCache)
        && !flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheRead)
        && core.RemoteUsable
        && KeyRules.IsValid(key);
}
