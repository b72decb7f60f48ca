namespace Data.Cache.Local;

/// <summary>
/// Remembers the hashes of entries that left the small queue unused, so that one that comes back is known. Guarded by the store's lock.
/// </summary>
internal sealed class GhostList
{
    private readonly Queue<uint> _order = new();
    private readonly Dictionary<uint, int> _counts = [];

    public void Add(uint hash, int limit)
    {
        _order.Enqueue(hash);
        _counts[hash] = _counts.GetValueOrDefault(hash) + 1;
        while (_order.Count > limit)
            Forget(_order.Dequeue());
    }

    /// <summary>Whether the hash is remembered. It stays in the queue until its turn, which costs nothing and keeps this O(1).</summary>
    public bool Contains(uint hash) => _counts.ContainsKey(hash);

    public void Clear()
    {
        _order.Clear();
        _counts.Clear();
    }

    private void Forget(uint hash)
    {
        if (_counts[hash] == 1)
            _counts.Remove(hash);
        else
            _counts[hash]--;
    }
}
