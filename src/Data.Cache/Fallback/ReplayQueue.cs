using Data.Cache.Internal;
using Data.Cache.Redis;

namespace Data.Cache.Fallback;

/// <summary>Own writes and removals that Redis has not confirmed; the last one per key wins.</summary>
/// <remarks>
/// A pending write is replayed only where Redis holds nothing newer, tombstones included. A write older than the lifetime of a tombstone,
/// or pending for a Redis that lost its tombstones, is replayed as a removal: another node may have removed its value. See
/// Engine/design.md.
/// </remarks>
internal sealed class ReplayQueue(DataCacheOptions options, StampClock clock)
{
    // Every read of a key tests each of them.
    private const int MaxPatterns = 64;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PendingWrite> _writes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _tags = new(StringComparer.Ordinal);
    private readonly List<PendingPattern> _patterns = [];
    private bool _overflow;
    private volatile int _count;

    public int Count => _count;

    public void Add(PendingWrite write)
    {
        lock (_lock)
        {
            if (_overflow)
                return;
            if (!_writes.TryGetValue(write.Name, out var known) || known.MadeAt <= write.MadeAt)
                _writes[write.Name] = write;
            Counted();
        }
    }

    public void AddTag(string tag, long epoch)
    {
        lock (_lock)
        {
            if (_overflow)
                return;
            _tags[tag] = epoch;
            Counted();
        }
    }

    public void AddPattern(PendingPattern pattern)
    {
        lock (_lock)
        {
            if (_overflow)
                return;
            _patterns.Add(pattern);

            // What was written before the removal goes with it.
            foreach (var name in _writes.Keys.Where(pattern.Covers).ToArray())
                _writes[name] = _writes[name] with { Write = null };
            Counted();
        }
    }

    /// <summary>Returns the full names of the tags whose removal is pending.</summary>
    public string[] Tags()
    {
        lock (_lock)
            return _overflow ? ["*"] : [.. _tags.Keys];
    }

    /// <summary>Whether a pending operation covers this key, so that what Redis holds for it is out of date.</summary>
    public bool HasPending(string name)
    {
        if (_count == 0)
            return false;
        lock (_lock)
            return _overflow || _writes.ContainsKey(name) || _patterns.Exists(pattern => pattern.Covers(name));
    }

    /// <summary>Turns pending writes into removals, because Redis has lost its tombstones.</summary>
    public void ForgetValues()
    {
        lock (_lock)
        {
            foreach (var (name, write) in _writes)
                _writes[name] = write with { Write = null };
        }
    }

    /// <summary>Replays until the queue is empty or a call fails. Returns whether it is empty.</summary>
    /// <param name="store">Redis.</param>
    /// <param name="remove">Carries out a removal by pattern.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    public async Task<bool> DrainAsync(RedisStore store, Func<PendingPattern, Task<bool>> remove, CancellationToken cancellationToken)
    {
        while (true)
        {
            PendingWrite[] writes;
            KeyValuePair<string, long>[] tags;
            PendingPattern[] patterns;
            bool overflow;
            lock (_lock)
            {
                overflow = _overflow;
                writes = [.. _writes.Values.Take(128)];
                tags = [.. _tags];
                patterns = [.. _patterns];
            }

            if (!overflow && writes.Length == 0 && tags.Length == 0 && patterns.Length == 0)
                return true;
            if (overflow && !await EverythingAsync(store, cancellationToken).ConfigureAwait(false))
                return false;
            foreach (var (tag, epoch) in tags)
            {
                if (!await TagAsync(store, tag, epoch, cancellationToken).ConfigureAwait(false))
                    return false;
            }

            var done = await Task.WhenAll(writes.Select(write => WriteAsync(store, write, cancellationToken))).ConfigureAwait(false);
            if (!Array.TrueForAll(done, static ok => ok))
                return false;

            // After the writes: the marker of a removal by pattern would refuse all of them.
            foreach (var pattern in writes.Length == 0 ? patterns : [])
            {
                if (!await remove(pattern).ConfigureAwait(false))
                    return false;
                Done(() => _patterns.Remove(pattern));
            }
        }
    }

    private async Task<bool> WriteAsync(RedisStore store, PendingWrite pending, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(store, pending, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            Done(() =>
            {
                if (_writes.TryGetValue(pending.Name, out var known) && ReferenceEquals(known, pending))
                    _writes.Remove(pending.Name);
            });
        }

        return answer.Succeeded;
    }

    private ValueTask<RemoteResult<long>> SendAsync(RedisStore store, PendingWrite pending, CancellationToken cancellationToken)
    {
        var isOld = clock.Monotonic - pending.MadeAt > options.ReplayWindow.TotalMicroseconds;
        if (pending.Write is { } write && !isOld)
            return store.StoreAsync(write, stamp: null, pending.MadeAt, cancellationToken);
        return pending.UpTo is { } stamp
            ? store.SupersedeAsync(pending.Name, stamp, cancellationToken)
            : store.RemoveAsync(pending.Name, cancellationToken);
    }

    private async Task<bool> TagAsync(RedisStore store, string tag, long epoch, CancellationToken cancellationToken)
    {
        var answer = await store.RemoveTagAsync(tag, clock.HighestEpoch, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            Done(() =>
            {
                if (_tags.TryGetValue(tag, out var known) && known == epoch)
                    _tags.Remove(tag);
            });
        }

        return answer.Succeeded;
    }

    // The queue overflowed and was dropped: removing everything covers whatever it held.
    private async Task<bool> EverythingAsync(RedisStore store, CancellationToken cancellationToken)
    {
        var answer = await store.RemoveTagAsync("*", clock.HighestEpoch, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            Done(() => _overflow = false);
        return answer.Succeeded;
    }

    private void Done(Action change)
    {
        lock (_lock)
        {
            change();
            Counted();
        }
    }

    private void Counted()
    {
        if (_writes.Count + _tags.Count + _patterns.Count > options.ReplayQueueLimit || _patterns.Count > MaxPatterns)
        {
            _overflow = true;
            _writes.Clear();
            _tags.Clear();
            _patterns.Clear();
        }

        _count = _overflow ? int.MaxValue : _writes.Count + _tags.Count + _patterns.Count;
    }
}
