using Data.Cache.Internal;
using Data.Cache.Local;

namespace Data.Cache.Engine;

/// <summary>Decides how long entries live.</summary>
internal sealed class EntryLifetimes(DataCacheOptions options, MonotonicClock clock)
{
    /// <summary>
    /// Returns the lifetime of a new entry: its own or the negative one, shortened by the jitter and, with tags, to what Redis remembers of
    /// their removals.
    /// </summary>
    public TimeSpan Of(in EntrySpec spec, bool isNull, string[] tags)
    {
        var lifetime = isNull ? spec.NegativeExpiration : spec.Expiration;
        if (tags.Length > 0 && lifetime + spec.MaxStale > options.TagRetention)
            lifetime = options.TagRetention > spec.MaxStale ? options.TagRetention - spec.MaxStale : TimeSpan.Zero;
        return spec.IsExact ? lifetime : lifetime * (1 - (Random.Shared.NextDouble() * options.ExpirationJitter));
    }

    /// <summary>Returns the life in this process of a fresh entry.</summary>
    /// <param name="stamp">Creation stamp.</param>
    /// <param name="epoch">Creation epoch.</param>
    /// <param name="left">What is left of its lifetime.</param>
    /// <param name="spec">Options of the entry.</param>
    public EntryLife Fresh(EntryStamp stamp, long epoch, TimeSpan left, in EntrySpec spec)
    {
        var now = clock.Milliseconds;
        var fresh = (long)Math.Min(left.TotalMilliseconds, spec.LocalExpiration.TotalMilliseconds);
        var eager = spec.EagerRefresh > 0 ? (long)(fresh * spec.EagerRefresh) : fresh;
        return new EntryLife(
            stamp.Value,
            stamp.IsEstimated,
            epoch,
            now + fresh,
            now + (long)left.TotalMilliseconds + (long)spec.MaxStale.TotalMilliseconds,
            now + eager);
    }

    /// <summary>Returns the life in this process of an entry past its lifetime.</summary>
    /// <param name="stamp">Creation stamp, made by the server.</param>
    /// <param name="epoch">Creation epoch.</param>
    /// <param name="left">How long fail-safe may still use it.</param>
    public EntryLife Stale(long stamp, long epoch, TimeSpan left)
    {
        var now = clock.Milliseconds;
        return new EntryLife(stamp, IsEstimated: false, epoch, now, now + (long)left.TotalMilliseconds, now);
    }
}
