using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache;

/// <summary>Options of one entry; what is null comes from the cache's defaults.</summary>
/// <remarks>Immutable, so one instance may be shared by any number of calls.</remarks>
public sealed record DataCacheEntryOptions
{
    /// <summary>
    /// Absolute lifetime in both levels. Default null: <see cref="DataCacheOptions.DefaultExpiration"/>. Legal: more than zero, at most 365
    /// days.
    /// </summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>
    /// Lifetime in the local level, never beyond <see cref="Expiration"/>. Default null: the same. Legal: more than zero.
    /// </summary>
    public TimeSpan? LocalExpiration { get; init; }

    /// <summary>
    /// Lifetime of a null result. Default null: <see cref="DataCacheOptions.NegativeExpiration"/>. Legal: zero (null is not cached) or
    /// more.
    /// </summary>
    public TimeSpan? NegativeExpiration { get; init; }

    /// <summary>
    /// How long past its expiration a value may be served when the factory fails or is slow. Default null:
    /// <see cref="DataCacheOptions.MaxStale"/>. Legal: zero (no fail-safe) or more.
    /// </summary>
    public TimeSpan? MaxStale { get; init; }

    /// <summary>
    /// How long a caller waits for the factory when a stale value is at hand. Default null:
    /// <see cref="DataCacheOptions.FactorySoftTimeout"/>. Legal: more than zero.
    /// </summary>
    public TimeSpan? FactorySoftTimeout { get; init; }

    /// <summary>
    /// How long the factory may run at all. Default null: <see cref="DataCacheOptions.FactoryHardTimeout"/>. Legal: more than zero.
    /// </summary>
    public TimeSpan? FactoryHardTimeout { get; init; }

    /// <summary>
    /// Fraction of the lifetime after which a hit starts one refresh in the background. Default null:
    /// <see cref="DataCacheOptions.EagerRefreshThreshold"/>. Legal: 0 (never) to below 1.
    /// </summary>
    public double? EagerRefreshThreshold { get; init; }

    /// <summary>Levels to leave out, compression, and whether the factory may run. Default null: none left out.</summary>
    public HybridCacheEntryFlags? Flags { get; init; }
}
