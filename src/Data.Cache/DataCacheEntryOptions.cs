using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache;

/// <summary>Options of one entry; what is null comes from the cache's defaults.</summary>
/// <remarks>Immutable, so one instance may be shared by any number of calls.</remarks>
public sealed record DataCacheEntryOptions
{
    /// <summary>
    /// Absolute lifetime in both levels. Default: null, <see cref="DataCacheOptions.DefaultExpiration"/>. Range: above 0 to 365 days; a
    /// longer one is cut, and at 0 or below the value is not cached.
    /// </summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>
    /// Lifetime in the local level, limited by <see cref="Expiration"/>. Default: null,
    /// <see cref="DataCacheOptions.DefaultLocalExpiration"/>. Range: above 0 to 365 days.
    /// </summary>
    public TimeSpan? LocalExpiration { get; init; }

    /// <summary>
    /// Lifetime of a null result. Default: null, <see cref="DataCacheOptions.NegativeExpiration"/>. Range: 0–365 days; 0 does not cache
    /// null.
    /// </summary>
    public TimeSpan? NegativeExpiration { get; init; }

    /// <summary>
    /// How long past its expiration a value may be served when the factory fails or is slow. Default: null,
    /// <see cref="DataCacheOptions.MaxStale"/>. Range: 0–365 days; 0 is no fail-safe.
    /// </summary>
    public TimeSpan? MaxStale { get; init; }

    /// <summary>
    /// How long a caller waits for the factory when a stale value exists. Default: null,
    /// <see cref="DataCacheOptions.FactorySoftTimeout"/>. Range: 1 ms–1 h.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan? FactorySoftTimeout { get; init => field = Timeout(value, nameof(FactorySoftTimeout)); }

    /// <summary>
    /// How long the factory may run. Default: null, <see cref="DataCacheOptions.FactoryHardTimeout"/>. Range: 1 ms–1 h.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan? FactoryHardTimeout { get; init => field = Timeout(value, nameof(FactoryHardTimeout)); }

    /// <summary>
    /// Fraction of the lifetime after which a hit starts one refresh in the background. Default: null,
    /// <see cref="DataCacheOptions.EagerRefreshThreshold"/>. Range: 0 to below 1; 0 is never.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double? EagerRefreshThreshold
    {
        get;
        init => field = value is null or (>= 0 and < 1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(EagerRefreshThreshold), value, "It must be from 0 to below 1.");
    }

    /// <summary>Levels to skip, compression, and whether the factory may run. Default: null, nothing skipped.</summary>
    public HybridCacheEntryFlags? Flags { get; init; }

    /// <summary>
    /// How long the entry lives after it was last used, where that is shorter than its lifetime; see <see cref="DataCache.TouchAsync"/>.
    /// </summary>
    internal TimeSpan? Sliding { get; init; }

    /// <summary>Whether the lifetime is not shortened at random.</summary>
    internal bool IsExact { get; init; }

    private static TimeSpan? Timeout(TimeSpan? value, string name) =>
        value is null || (value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1))
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "It must be from 1 ms to 1 h.");
}
