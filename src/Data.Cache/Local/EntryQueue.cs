namespace Data.Cache.Local;

/// <summary>
/// A first-in-first-out queue of entries, linked through the entries themselves, that knows its bytes. Guarded by the store's lock.
/// </summary>
/// <param name="whole">Size of several queues that this one is a part of; null for none.</param>
internal sealed class EntryQueue(QueueSize? whole = null)
{
    private LocalEntry? _oldest;
    private LocalEntry? _newest;
    private LocalEntry? _hand;

    public long Bytes { get; private set; }

    public int Count { get; private set; }

    public LocalEntry? Oldest => _oldest;

    public void Enqueue(LocalEntry entry)
    {
        entry.Queue = this;
        entry.Older = _newest;
        entry.Newer = null;
        if (_newest is null)
            _oldest = entry;
        else
            _newest.Newer = entry;
        _newest = entry;
        Bytes += entry.Bytes;
        Count++;
        whole?.Add(entry.Bytes, 1);
    }

    /// <summary>The next entry of a walk that goes round and round, over entries that come and go meanwhile.</summary>
    public LocalEntry? Walk()
    {
        var entry = _hand ?? _oldest;
        _hand = entry?.Newer;
        return entry;
    }

    public void Unlink(LocalEntry entry)
    {
        if (ReferenceEquals(_hand, entry))
            _hand = entry.Newer;
        if (entry.Older is null)
            _oldest = entry.Newer;
        else
            entry.Older.Newer = entry.Newer;
        if (entry.Newer is null)
            _newest = entry.Older;
        else
            entry.Newer.Older = entry.Older;
        entry.Older = entry.Newer = null;
        entry.Queue = null;
        Bytes -= entry.Bytes;
        Count--;
        whole?.Add(-entry.Bytes, -1);
    }

    /// <summary>The entries, the oldest first.</summary>
    public IEnumerable<LocalEntry> All()
    {
        for (var entry = _oldest; entry is not null; entry = entry.Newer)
            yield return entry;
    }

    public void Clear()
    {
        whole?.Add(-Bytes, -Count);
        _oldest = _newest = _hand = null;
        Bytes = 0;
        Count = 0;
    }
}
