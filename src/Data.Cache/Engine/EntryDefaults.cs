using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>Fills in the defaults of a cache.</summary>
internal sealed class EntryDefaults(DataCacheOptions options)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public static DataCacheEntryOptions None { get; } = new();

    public static DataCacheEntryOptions ReadOnly { get; } = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };

    public static DataCacheEntryOptions Translate(HybridCacheEntryOptions? entry) => entry is null ? None : new DataCacheEntryOptions
    {
        Expiration = entry.Expiration,
        LocalExpiration = entry.LocalCacheExpiration,
        Flags = entry.Flags,
    };

    public EntrySpec Resolve(DataCacheEntryOptions? entry)
    {
        entry ??= None;
        var expiration = Clamp(entry.Expiration ?? options.DefaultExpiration);
        var local = Clamp(entry.LocalExpiration ?? options.DefaultLocalExpiration ?? expiration);
        return new EntrySpec(
            expiration,
            local < expiration ? local : expiration,
            Clamp(entry.NegativeExpiration ?? options.NegativeExpiration),
            Clamp(entry.MaxStale ?? options.MaxStale),
            entry.FactorySoftTimeout ?? options.FactorySoftTimeout,
            entry.FactoryHardTimeout ?? options.FactoryHardTimeout,
            entry.EagerRefreshThreshold ?? options.EagerRefreshThreshold,
            entry.Flags ?? HybridCacheEntryFlags.None);
    }

    private static TimeSpan Clamp(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span > Longest ? Longest : span;
}
