namespace Data.Cache.Redis;

/// <summary>Own changes that Redis has acknowledged since the last heartbeat, which proves that it remembers those before it.</summary>
/// <remarks>
/// A server that dies loses at most what it acknowledged after the last heartbeat that it remembers. When another process answers in its
/// place, these changes are made once more.
/// </remarks>
internal sealed class UnprovenChanges(int limit)
{
    private readonly Lock _lock = new();
    private readonly Queue<RemoteChange> _changes = new();
    private long _order;

    public void AddKey(string name, long stamp) => Add(order => new RemoteChange(order) { Key = name, Stamp = stamp });

    public void AddTag(string name) => Add(order => new RemoteChange(order) { Tag = name });

    public void AddPattern(string scope, string prefix, KeyPattern pattern, int batchSize) => Add(
        order => new RemoteChange(order) { Pattern = pattern, Scope = scope, Prefix = prefix, BatchSize = batchSize });

    /// <summary>Returns a mark after the last change. For use before a heartbeat is sent.</summary>
    public long Mark()
    {
        lock (_lock)
            return _order;
    }

    /// <summary>Forgets what came before a mark, because a heartbeat has proven it.</summary>
    public void Proven(long mark)
    {
        lock (_lock)
        {
            while (_changes.TryPeek(out var oldest) && oldest.Order <= mark)
                _changes.Dequeue();
        }
    }

    /// <summary>Returns the changes in their order and forgets them.</summary>
    public RemoteChange[] Take()
    {
        lock (_lock)
        {
            RemoteChange[] changes = [.. _changes];
            _changes.Clear();
            return changes;
        }
    }

    private void Add(Func<long, RemoteChange> create)
    {
        lock (_lock)
        {
            // The removal of everything covers whatever there was.
            if (_changes.Count >= limit)
            {
                _changes.Clear();
                _changes.Enqueue(new RemoteChange(++_order) { Tag = "*" });
            }

            _changes.Enqueue(create(++_order));
        }
    }
}
