using System.Collections.Concurrent;

namespace Data.Cache.Invalidation;

internal enum TagVerdict
{
    Valid,
    Removed,

    /// <summary>This node does not know whether the tag was removed since; ask Redis.</summary>
    Unknown,
}

/// <summary>The generations of tags: the epoch of the last removal of each, as far as this node knows.</summary>
/// <remarks>
/// A node receives every removal from the epoch that <see cref="ListenFrom"/> sets. A tag without a known generation was not removed since,
/// so that a later entry is valid; for an older entry Redis is asked once. See Engine/design.md.
/// </remarks>
internal sealed class TagStamps(int limit = 100_000)
{
    private readonly ConcurrentDictionary<string, long> _stamps = new(StringComparer.Ordinal);
    private long _everything;
    private long _listeningSince;
    private int _version = 1;

    /// <summary>Changes whenever an entry that was valid may no longer be.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Records a removal.</summary>
    public void Removed(string tag, long epoch)
    {
        if (tag == "*")
        {
            if (!Raise(ref _everything, epoch))
                return;
        }
        else
        {
            Learn(tag, epoch);
        }

        Interlocked.Increment(ref _version);
    }

    /// <summary>Records a generation read from Redis.</summary>
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
    /// Forgets the generation of every tag: it is unknown until <see cref="ListenFrom"/>. What the removal of everything covers stays
    /// removed, because local entries may be served meanwhile.
    /// </summary>
    public void Restart()
    {
        Volatile.Write(ref _listeningSince, long.MaxValue);
        _stamps.Clear();
        Interlocked.Increment(ref _version);
    }

    /// <summary>
    /// Sets the epoch from which every removal is received. It must be newer than <see cref="Restart"/>, so that none falls in between.
    /// </summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="pending">Tags removed here whose removal has not reached Redis.</param>
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

    /// <summary>Returns the tags without a known generation.</summary>
    public string[] Unknown(string[] tags) => Array.FindAll(tags, tag => !_stamps.ContainsKey(tag));

    // Entries made after this epoch need none of the forgotten generations; older ones ask Redis again.
    private void Forget(long epoch)
    {
        Raise(ref _listeningSince, _stamps.Values.Append(epoch).Max());
        _stamps.Clear();
        Interlocked.Increment(ref _version);
    }

    private static bool Raise(ref long target, long value)
    {
        var seen = Volatile.Read(ref target);
        while (seen < value)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }
}
