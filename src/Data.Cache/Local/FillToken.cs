namespace Data.Cache.Local;

/// <summary>Permission to fill one name of the local level; held from before a value is read or made until it is stored.</summary>
internal sealed class FillToken(string name)
{
    public string Name { get; } = name;

    public int Holders;

    /// <summary>Stamp of the latest invalidation since the token was issued.</summary>
    public long Invalidated;

    public bool InvalidatedByServer;

    /// <summary>Epoch of the latest invalidation that spans keys since the token was issued.</summary>
    public long InvalidatedEpoch = long.MinValue;

    /// <summary>Whether the level was cleared since the token was issued, because an invalidation may have been missed.</summary>
    public bool IsCleared;

    /// <summary>Stamp of the only value that Redis held when another client had changed the key; null for no such change.</summary>
    public long? OnlyStamp;

    /// <summary>Whether an entry may not enter the local level.</summary>
    public bool Refuses(in EntryLife life) => IsCleared || (OnlyStamp is { } only && life.Stamp != only) || IsRemoved(life);

    /// <summary>
    /// Whether an invalidation that this node has received covers an entry. One that it may have missed, and a change by another client,
    /// are left to what Redis remembers.
    /// </summary>
    public bool IsRemoved(in EntryLife life) =>
        Invalidated > life.Stamp
        || (InvalidatedByServer && life.IsEstimated)
        || InvalidatedEpoch >= life.Epoch;
}
