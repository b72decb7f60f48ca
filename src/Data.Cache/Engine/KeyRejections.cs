using Data.Cache.Internal;
using Data.Cache.Observation;

namespace Data.Cache.Engine;

/// <summary>Counts and logs keys that are not valid: what they name is not cached, and no caller fails.</summary>
internal sealed class KeyRejections(int maxLength, CacheCounters counters, CacheLog log)
{
    public bool Accepts(ReadOnlySpan<char> key) => KeyRules.IsValid(key, maxLength);

    /// <summary>Whether a key is not valid; counts and logs it.</summary>
    public bool Rejects(ReadOnlySpan<char> key)
    {
        if (Accepts(key))
            return false;
        counters.Bypasses.Increment();
        log.InvalidName(key.Length, maxLength);
        return true;
    }
}
