using System.Collections.Concurrent;

namespace Data.Cache.Invalidation;

internal enum TagVerdict
{
    Valid,
    Removed,

    /// <summary>This node does not know whether the tag was removed since; ask Redis.</summary>
    Unknown,
}

/// <summary>When each tag was last removed, as far as this node knows.</summary>
/// <remarks>
/// A node hears of every removal from the moment it listens. So a tag it never heard of was not removed since then, and an entry
/// made later needs no question; for an older entry Redis is asked once and the answer kept.
/// </remarks>
internal sealed class TagStamps(int limit = 100_000)
{
    private readonly ConcurrentDictionary<string, long> _stamps = new(StringComparer.Ordinal);
    private long _everything;
    private long _listeningSince;
    private int _version = 1;

    /// <summary>Changes whenever an entry that was valid may no longer be.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Notes a removal.</summary>
    public void Removed(string tag, long stamp)
    {
        if (tag == "*")
            Raise(ref _everything, stamp);
        else
            Learn(tag, stamp);
        Interlocked.Increment(ref _version);
    }

    /// <summary>Keeps an answer of Redis.</summary>
    public void Learn(string tag, long stamp)
    {
        if (tag == "*")
        {
            Raise(ref _everything, stamp);
            return;
        }

        _stamps.AddOrUpdate(tag, static (_, made) => made, static (_, known, made) => Math.Max(known, made), stamp);
        if (_stamps.Count > limit)
            Forget(stamp);
    }

    /// <summary>Starts anew: what was heard before counts for nothing any more.</summary>
    public void ListenFrom(long stamp)
    {
        Volatile.Write(ref _listeningSince, stamp);
        Interlocked.Increment(ref _version);
    }

    public TagVerdict Judge(string[] tags, long stamp)
    {
        if (stamp <= Volatile.Read(ref _everything))
            return TagVerdict.Removed;
        var unknown = false;
        foreach (var tag in tags)
        {
            if (_stamps.TryGetValue(tag, out var removed))
            {
                if (stamp <= removed)
                    return TagVerdict.Removed;
            }
            else
            {
                unknown |= stamp <= Volatile.Read(ref _listeningSince);
            }
        }

        return unknown ? TagVerdict.Unknown : TagVerdict.Valid;
    }

    /// <summary>Tags that Redis must be asked about.</summary>
    public string[] Unknown(string[] tags) => Array.FindAll(tags, tag => !_stamps.ContainsKey(tag));

    // Entries made after this moment need none of the forgotten stamps; older ones ask again.
    private void Forget(long stamp)
    {
        Raise(ref _listeningSince, _stamps.Values.Append(stamp).Max());
        _stamps.Clear();
        Interlocked.Increment(ref _version);
    }

    private static void Raise(ref long target, long value)
    {
        var seen = Volatile.Read(ref target);
        while (seen < value)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
