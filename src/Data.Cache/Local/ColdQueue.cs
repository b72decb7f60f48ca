namespace Data.Cache.Local;

/// <summary>The cold entries in order of their last use, to within a part of the queue. Guarded by the store's lock.</summary>
/// <remarks>
/// One clock looks at an entry once in a pass, and gives one that was used right after it came a whole further pass, so that entries stay
/// for up to twice as long as under LRU. Here an entry is looked at each time it leaves a part.
/// </remarks>
internal sealed class ColdQueue
{
    private const int Parts = 32;
    private readonly QueueSize _size = new();
    private readonly EntryQueue[] _parts;

    public ColdQueue() => _parts = [.. Enumerable.Range(0, Parts).Select(_ => new EntryQueue(_size))];

    public long Bytes => _size.Bytes;

    public int Count => _size.Count;

    /// <summary>The entry that has not been used for longest, other than one.</summary>
    public LocalEntry? Oldest(LocalEntry except)
    {
        for (var i = Parts - 1; i >= 0; i--)
        {
            var entry = _parts[i].Oldest;
            if (ReferenceEquals(entry, except))
                entry = except.Newer;
            if (entry is not null)
                return entry;
        }

        return null;
    }

    public void Enqueue(LocalEntry entry) => _parts[0].Enqueue(entry);

    /// <summary>Lets entries pass on to the next part. Returns one that was used meanwhile, taken out, or null at the end.</summary>
    public LocalEntry? Pass()
    {
        var room = Bytes / Parts;
        for (var i = 0; i < Parts - 1; i++)
        {
            while (_parts[i].Bytes > room && _parts[i].Oldest is { } entry)
            {
                _parts[i].Unlink(entry);
                if (entry.Uses > 0)
                    return entry;
                _parts[i + 1].Enqueue(entry);
            }
        }

        return null;
    }

    public IEnumerable<LocalEntry> All() => _parts.Reverse().SelectMany(static part => part.All());

    /// <summary>One of the parts, for walks; the numbers go round.</summary>
    public EntryQueue Part(uint number) => _parts[number % Parts];

    public void Clear()
    {
        foreach (var part in _parts)
            part.Clear();
    }
}
