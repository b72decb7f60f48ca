namespace Data.Cache.Local;

/// <summary>An entry of the local level. Immutable but for its place in the queues, its use count and its marks.</summary>
/// <remarks>Readers hold no lock: they see either the whole entry or none, because the dictionary publishes it complete.</remarks>
internal abstract class LocalEntry
{
    /// <summary>Cost of an entry beyond its key and value: the object, its dictionary node and its links, rounded up.</summary>
    public const int Overhead = 200;

    protected LocalEntry(string key, in EntryLife life, string[] tags, int payloadBytes)
    {
        Key = key;
        Life = life;
        Tags = tags;
        EagerAt = life.EagerAt;
        Bytes = Overhead + (key.Length * sizeof(char)) + payloadBytes;
    }

    protected LocalEntry(LocalEntry source, in EntryLife life)
    {
        Key = source.Key;
        Life = life;
        Tags = source.Tags;
        EagerAt = life.EagerAt;
        Bytes = source.Bytes;
    }

    public string Key { get; }

    public EntryLife Life { get; }

    public string[] Tags { get; }

    public int Bytes { get; }

    /// <summary>Version of the invalidation state this entry was last checked against.</summary>
    public int CheckedVersion;

    /// <summary>Moment from which a hit starts a refresh; moved to the end of time by the hit that does.</summary>
    public long EagerAt;

    /// <summary>Uses since it entered its queue, capped; races lose a count, which only makes the policy a little less sure.</summary>
    public byte Uses;

    internal LocalEntry? Older;
    internal LocalEntry? Newer;
    internal EntryQueue? Queue;
}

/// <summary>When an entry was made and until when it may be used.</summary>
/// <param name="Stamp">Creation by the clock of the server that holds the key, in microseconds; what writes and removals of the key are compared with.</param>
/// <param name="IsEstimated">Whether the stamp was made here, so that it says nothing beside one made by the server.</param>
/// <param name="Epoch">Creation in the order of removals that span keys.</param>
/// <param name="FreshUntil">End of its local life, on the monotonic clock, in milliseconds.</param>
/// <param name="StaleUntil">End of its life under fail-safe, same clock.</param>
/// <param name="EagerAt">Moment from which a hit starts a refresh, same clock; <see cref="long.MaxValue"/> for never.</param>
internal readonly record struct EntryLife(long Stamp, bool IsEstimated, long Epoch, long FreshUntil, long StaleUntil, long EagerAt);
