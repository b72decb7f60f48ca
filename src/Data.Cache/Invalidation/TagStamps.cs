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
    public void Removed(string tag, long epoch)
    {
        if (tag == "*")
            Raise(ref _everything, epoch);
        else
            Learn(tag, epoch);
        Interlocked.Increment(ref _version);
    }

    /// <summary>Keeps an answer of Redis.</summary>
    public void Learn(string tag, long epoch)
    {
        if (tag == "*")
        {
            Raise(ref _everything, epoch);
            return;
        }

        _stamps.AddOrUpdate(tag, static (_, made) => made, static (_, known, made) => Math.Max(known, made), epoch);
        if (_stamps.Count > limit)
            Forget(epoch);
    }

    /// <summary>
    /// Starts anew: what was heard before counts for nothing any more, and nothing is certain until <see cref="ListenFrom"/>.
    /// </summary>
    public void Restart()
    {
        Volatile.Write(ref _listeningSince, long.MaxValue);
        _stamps.Clear();
        Volatile.Write(ref _everything, 0);
        Interlocked.Increment(ref _version);
    }

    /// <summary>
    /// From an epoch on every removal is heard. It must have been made after <see cref="Restart"/>, so that no removal falls between.
    /// </summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="pending">Tags removed here that Redis has not heard of yet.</param>
    public void ListenFrom(long epoch, IEnumerable<string> pending)
    {
        foreach (var tag in pending)
            Removed(tag, epoch);
        Volatile.Write(ref _listeningSince, epoch);
        Interlocked.Increment(ref _version);
    }

    public TagVerdict Judge(string[] tags, long epoch)
    {
        if (epoch <= Volatile.Read(ref _everything))
            return TagVerdict.Removed;
        var unknown = false;
        foreach (var tag in tags)
        {
            if (_stamps.TryGetValue(tag, out var removed))
            {
                if (epoch <= removed)
                    return TagVerdict.Removed;
            }
            else
            {
                unknown |= epoch <= Volatile.Read(ref _listeningSince);
            }
        }

        return unknown ? TagVerdict.Unknown : TagVerdict.Valid;
    }

    /// <summary>Tags that Redis must be asked about.</summary>
    public string[] Unknown(string[] tags) => Array.FindAll(tags, tag => !_stamps.ContainsKey(tag));

    // Entries made after this moment need none of the forgotten stamps; older ones ask again.
    private void Forget(long epoch)
    {
        Raise(ref _listeningSince, _stamps.Values.Append(epoch).Max());
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
