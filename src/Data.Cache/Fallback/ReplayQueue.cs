using Data.Cache.Internal;
using Data.Cache.Redis;

namespace Data.Cache.Fallback;

/// <summary>Own writes and removals that Redis has not confirmed; the last one per key wins.</summary>
/// <remarks>
/// A queued write is replayed only where Redis holds nothing newer, tombstones included. One that is older than the tombstones last, or
/// that waits for a Redis that lost them, is replayed as a removal: the value could be one that another node was told to forget.
/// While a key waits here this node does not believe what Redis says of it.
/// </remarks>
internal sealed class ReplayQueue(DataCacheOptions options, StampClock clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PendingWrite> _writes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _tags = new(StringComparer.Ordinal);
    private bool _overflow;
    private volatile int _count;

    public int Count => _count;

    public void Add(PendingWrite write)
    {
        lock (_lock)
        {
            if (_overflow)
                return;
            if (!_writes.TryGetValue(write.Write.Name, out var known) || known.Stamp < write.Stamp)
                _writes[write.Write.Name] = write;
            Counted();
        }
    }

    public void AddTag(string tag, long stamp)
    {
        lock (_lock)
        {
            if (_overflow)
                return;
            _tags[tag] = stamp;
            Counted();
        }
    }

    /// <summary>Whether what Redis says of this key is out of date.</summary>
    public bool Distrusts(string name)
    {
        if (_count == 0)
            return false;
        lock (_lock)
            return _overflow || _writes.ContainsKey(name);
    }

    /// <summary>Redis lost its tombstones: nothing written before may come back.</summary>
    public void ForgetValues()
    {
        lock (_lock)
        {
            foreach (var (name, write) in _writes)
                _writes[name] = Removal(write);
        }
    }

    /// <summary>Replays until the queue is empty or a call fails. Returns whether it is empty.</summary>
    public async Task<bool> DrainAsync(RedisStore store, CancellationToken cancellationToken)
    {
        while (true)
        {
            PendingWrite[] writes;
            KeyValuePair<string, long>[] tags;
            bool overflow;
            lock (_lock)
            {
                overflow = _overflow;
                writes = [.. _writes.Values.Take(128)];
                tags = [.. _tags];
            }

            if (!overflow && writes.Length == 0 && tags.Length == 0)
                return true;
            if (overflow && !await EverythingAsync(store, cancellationToken).ConfigureAwait(false))
                return false;
            foreach (var (tag, stamp) in tags)
            {
                if (!await TagAsync(store, tag, stamp, cancellationToken).ConfigureAwait(false))
                    return false;
            }

            var done = await Task.WhenAll(writes.Select(write => WriteAsync(store, write, cancellationToken))).ConfigureAwait(false);
            if (!Array.TrueForAll(done, static ok => ok))
                return false;
        }
    }

    private async Task<bool> WriteAsync(RedisStore store, PendingWrite pending, CancellationToken cancellationToken)
    {
        var age = clock.Now - pending.Stamp;
        if (age > options.ReplayWindow.TotalMicroseconds)
            pending = Removal(pending);
        var answer = pending.IsRemoval
            ? await store.SetAsync(pending.Write, clock.Floor, cancellationToken).ConfigureAwait(false)
            : await store.StoreAsync(pending.Write, pending.Stamp, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            return false;
        lock (_lock)
        {
            if (_writes.TryGetValue(pending.Write.Name, out var known) && known.Stamp == pending.Stamp)
                _writes.Remove(pending.Write.Name);
            Counted();
        }

        return true;
    }

    private async Task<bool> TagAsync(RedisStore store, string tag, long stamp, CancellationToken cancellationToken)
    {
        var answer = await store.RemoveTagAsync(tag, clock.Floor, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            return false;
        lock (_lock)
        {
            if (_tags.TryGetValue(tag, out var known) && known == stamp)
                _tags.Remove(tag);
            Counted();
        }

        return true;
    }

    // Too much happened to remember it all: everything goes, which includes whatever was forgotten here.
    private async Task<bool> EverythingAsync(RedisStore store, CancellationToken cancellationToken)
    {
        var answer = await store.RemoveTagAsync("*", clock.Floor, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            return false;
        lock (_lock)
        {
            _overflow = false;
            Counted();
        }

        return true;
    }

    private PendingWrite Removal(PendingWrite write) =>
        write.IsRemoval ? write : new PendingWrite(RemoteWrite.Tombstone(write.Write.Name, options.ReplayWindow), write.Stamp, IsRemoval: true);

    private void Counted()
    {
        if (_writes.Count + _tags.Count > options.ReplayQueueLimit)
        {
            _overflow = true;
            _writes.Clear();
            _tags.Clear();
        }

        _count = _overflow ? int.MaxValue : _writes.Count + _tags.Count;
    }
}
