using Data.Cache.Local;
using Data.Cache.Redis;
using Data.Cache.Stampede;

namespace Data.Cache.Engine;

/// <summary>Removes from this process what was invalidated: entries, fills in progress and flights that callers could still join.</summary>
internal sealed class LocalInvalidation(FlightTable flights, FillTokens fills)
{
    /// <summary>Removes what is older than a write or removal of one key.</summary>
    public void Invalidate(string name, EntryStamp stamp)
    {
        flights.Close(name);
        fills.Invalidate(name, stamp.Value, !stamp.IsEstimated);
    }

    /// <summary>Whether an invalidation of a key would change anything here.</summary>
    public bool Knows(string name) => fills.Knows(name);

    /// <summary>
    /// Removes everything of a key but the value that Redis holds, after some client has changed it. With a stamp of 0 Redis holds none
    /// that the cache has written.
    /// </summary>
    public void KeepOnly(string name, long stamp)
    {
        if (stamp == 0)
            flights.Close(name);
        fills.KeepOnly(name, stamp);
    }

    /// <summary>Removes what lies in a scope (given as its prefix) and matches. Returns the number of entries.</summary>
    public int RemoveMatching(string prefix, KeyPattern pattern, long epoch)
    {
        bool Matches(string name) => Covers(name, prefix, pattern);

        flights.CloseWhere(Matches);
        return fills.InvalidateWhere(Matches, epoch);
    }

    /// <summary>Removes every entry up to an epoch, and whatever a running factory has begun before it.</summary>
    public void RemoveUpTo(long epoch)
    {
        flights.CloseWhere(static _ => true);
        fills.InvalidateWhere(static _ => true, epoch);
    }

    /// <summary>Removes every entry, because one may have missed its invalidation.</summary>
    public void Clear()
    {
        flights.CloseWhere(static _ => true);
        fills.Clear();
    }

    /// <summary>Whether a full name lies in a scope and matches.</summary>
    public static bool Covers(string name, string prefix, KeyPattern pattern) => prefix.Length == 0
        ? !name.StartsWith(RedisKeys.ScopeMark) && pattern.IsMatch(name)
        : name.StartsWith(prefix, StringComparison.Ordinal) && pattern.IsMatch(name.AsSpan(prefix.Length));
}
