namespace Data.Cache.Local;

/// <summary>
/// Remembers the hashes of entries that left unused and when they were last entered, so that one that comes back is known. Guarded by the
/// store's lock.
/// </summary>
internal sealed class GhostList
{
    private readonly Queue<(uint Hash, long Time)> _order = new();
    private readonly Dictionary<uint, long> _times = [];

    public void Add(uint hash, long time, int limit)
    {
        _order.Enqueue((hash, time));
        _times[hash] = time;
        while (_order.Count > limit)
        {
            // An older note of the same hash does not take the newer one away.
            var (oldest, since) = _order.Dequeue();
            if (_times.TryGetValue(oldest, out var known) && known == since)
                _times.Remove(oldest);
        }
    }

    /// <summary>Forgets a hash and returns when its entry was last entered; -1 for a hash that is not known.</summary>
    public long Take(uint hash) => _times.Remove(hash, out var time) ? time : -1;

    public void Clear()
    {
        _order.Clear();
        _times.Clear();
    }
}
