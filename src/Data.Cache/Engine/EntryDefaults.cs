using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>Fills in the defaults of a cache.</summary>
internal sealed class EntryDefaults(DataCacheOptions options)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    private readonly DataCacheEntryOptions _none = new() { Flags = options.DefaultFlags };

    /// <summary>Options of a read without a factory.</summary>
    public DataCacheEntryOptions ReadOnly { get; } = new()
    {
        Flags = options.DefaultFlags | HybridCacheEntryFlags.DisableUnderlyingData,
    };

    /// <summary>Flags of calls that give none.</summary>
    public HybridCacheEntryFlags Flags => options.DefaultFlags;

    public static DataCacheEntryOptions? Translate(HybridCacheEntryOptions? entry) => entry is null ? null : new DataCacheEntryOptions
    {
        Expiration = entry.Expiration,
        LocalExpiration = entry.LocalCacheExpiration,
        Flags = entry.Flags,
    };

    /// <summary>Returns options with flags, so that requests under the same flags share a flight.</summary>
    public DataCacheEntryOptions WithFlags(DataCacheEntryOptions? entry) => entry switch
    {
        null => _none,
        { Flags: null } when options.DefaultFlags != HybridCacheEntryFlags.None => entry with { Flags = options.DefaultFlags },
        _ => entry,
    };

    public EntrySpec Resolve(DataCacheEntryOptions? entry)
    {
        entry ??= _none;
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
            entry.Flags ?? options.DefaultFlags,
            entry.Sliding,
            entry.IsExact);
    }

    private static TimeSpan Clamp(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span > Longest ? Longest : span;
}
