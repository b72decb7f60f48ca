using Data.Cache.Internal;

namespace Data.Cache.Engine;

/// <summary>Counts and logs keys that are not valid: what they name is not cached, and no caller fails.</summary>
internal sealed class KeyRejections(CacheCounters counters, CacheLog log)
{
    /// <summary>Whether a key is not valid.</summary>
    public bool Rejects(ReadOnlySpan<char> key)
    {
        if (KeyRules.IsValid(key))
            return false;
        counters.Bypasses.Increment();
        log.InvalidName(key.Length);
        return true;
    }
}
