using System.Runtime.CompilerServices;
using Data.Cache.Internal;
using Data.Cache.Invalidation;
using Data.Cache.Observation;

namespace Data.Cache.Local;

/// <summary>The first level: the entries of this process, what is known to be removed, and the clock that they expire by.</summary>
internal sealed class LocalLevel(long limitBytes, CacheCounters counters, MonotonicClock clock)
{
    private volatile bool _isUsable = true;

    public LocalStore Store { get; } = new(limitBytes, counters, clock);

    public TagStamps Tags { get; } = new();

    public MonotonicClock Clock => clock;

    public StripedCounter Hits => counters.LocalHits;

    public CacheEvents? Events => counters.Events;

    /// <summary>Whether entries may be served. Not while they may have missed an invalidation.</summary>
    public bool IsUsable
    {
        get => _isUsable;
        set => _isUsable = value;
    }

    /// <summary>
    /// Returns the fresh entry of a key in a scope, or null. Every hit takes this path: no lock, no allocation, nothing generic.
    /// </summary>
    public LocalEntry? FindFresh(string scope, ReadOnlySpan<char> key, uint hash) =>
        Store.TryGet(scope, key, hash, out var entry) && IsFresh(entry) ? entry : null;

    /// <summary>Whether an entry has not been invalidated since it was made, whatever its age.</summary>
    public bool IsValid(LocalEntry entry)
    {
        if (!_isUsable)
            return false;
        var version = Tags.Version;
        if (entry.CheckedVersion == version)
            return true;
        if (Tags.Judge(entry.Tags, entry.Life.Epoch) != TagVerdict.Valid)
            return false;
        entry.CheckedVersion = version;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsFresh(LocalEntry entry) =>
        clock.Milliseconds < entry.EagerAt && ((_isUsable && entry.CheckedVersion == Tags.Version) || IsValid(entry));
}
