namespace Data.Cache;

/// <summary>What a running factory knows about its entry, and what it may decide about it.</summary>
/// <remarks>Used by one factory run; not safe for concurrent use. What is set after the factory returned has no effect.</remarks>
public sealed class CacheFactoryContext
{
    internal CacheFactoryContext(string key, DataCacheEntryOptions options, IReadOnlyList<string> tags)
    {
        Key = key;
        Options = options;
        Tags = [.. tags];
    }

    /// <summary>Key of the entry, as the caller gave it.</summary>
    public string Key { get; }

    /// <summary>
    /// Options the result will be stored with; assign another instance to change them, for example to copy the lifetime of a token just
    /// fetched.
    /// </summary>
    public DataCacheEntryOptions Options { get; set; }

    /// <summary>Tags the result will be stored with; the factory may add tags that only the result tells.</summary>
    public IList<string> Tags { get; }

    /// <summary>Whether a stale value exists that fail-safe would serve if this run failed.</summary>
    public bool HasStaleValue { get; internal init; }

    /// <summary>Set to true to hand the result to the callers without storing it. Default false.</summary>
    public bool SkipCaching { get; set; }
}
