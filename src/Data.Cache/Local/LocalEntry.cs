namespace Data.Cache.Local;

/// <summary>An entry of the local level. Immutable except for its links, its use count and its checked version.</summary>
/// <remarks>Readers hold no lock: they see either the whole entry or none, because the table publishes it complete.</remarks>
internal abstract class LocalEntry : EntryHead
{
    // The object with its key's header, its place in the table, and the hashes of two entries that left.
    private const int Overhead = 320;
    private const int TagOverhead = 32;

    /// <summary>Initializes an entry and counts what it holds.</summary>
    /// <param name="key">Full name.</param>
    /// <param name="life">When it was made and until when it may be used.</param>
    /// <param name="tags">Full names of its tags.</param>
    /// <param name="valueBytes">What the value holds in memory.</param>
    /// <param name="shared">The value, where every caller may have the same object.</param>
    protected LocalEntry(string key, in EntryLife life, string[] tags, int valueBytes, object? shared)
        : this(key, NameHash.ScopeLength(key), life, shared)
    {
        Tags = tags;
        var bytes = (long)Overhead + (key.Length * sizeof(char)) + valueBytes;
        foreach (var tag in tags)
            bytes += TagOverhead + (tag.Length * sizeof(char));
        Bytes = (int)Math.Min(bytes, int.MaxValue);
    }

    protected LocalEntry(LocalEntry source, in EntryLife life)
        : base(source.Key, source.ScopeLength, source.Hash, life.EagerAt, source.Shared)
    {
        Life = life;
        Tags = source.Tags;
        Bytes = source.Bytes;
    }

    private LocalEntry(string key, int scopeLength, in EntryLife life, object? shared)
        : base(
            key,
            scopeLength,
            NameHash.OfKey(NameHash.OfScope(key.AsSpan(0, scopeLength)), key.AsSpan(scopeLength)),
            life.EagerAt,
            shared)
    {
        Life = life;
        Tags = [];
    }

    public EntryLife Life { get; }

    public string[] Tags { get; }

    /// <summary>What the entry holds in memory: itself, its key, its tags and its value.</summary>
    public int Bytes { get; }

    /// <summary>When it was entered or last seen in use, in the policy's count of puts.</summary>
    internal long EnteredAt;

    /// <summary>Whether another use makes it hot.</summary>
    internal bool IsInTest;

    internal LocalEntry? Older;
    internal LocalEntry? Newer;
    internal EntryQueue? Queue;
}

/// <summary>When an entry was made and until when it may be used.</summary>
/// <param name="Stamp">Creation by the clock of the server that holds the key, in microseconds; what writes and removals of the key are
/// compared with.</param>
/// <param name="IsEstimated">Whether the stamp was made here, so that it says nothing beside one made by the server.</param>
/// <param name="Epoch">Creation in the order of removals that span keys.</param>
/// <param name="FreshUntil">End of its local life, on the monotonic clock, in milliseconds.</param>
/// <param name="StaleUntil">End of its life under fail-safe, same clock.</param>
/// <param name="EagerAt">Moment from which a hit starts a refresh, same clock; <see cref="long.MaxValue"/> for never.</param>
internal readonly record struct EntryLife(long Stamp, bool IsEstimated, long Epoch, long FreshUntil, long StaleUntil, long EagerAt);
