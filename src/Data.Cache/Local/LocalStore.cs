using System.Diagnostics.CodeAnalysis;
using Data.Cache.Internal;

namespace Data.Cache.Local;

/// <summary>The local level: a table bounded by bytes with S3-FIFO as its policy.</summary>
/// <remarks>
/// <para>
/// Most keys are used once. A new entry waits in a small queue (a fiftieth of the bytes). If it is used while it waits it moves to
/// the main queue; if not it leaves, and only its hash is remembered in the ghost list, which is twice as long as the store. The paper's
/// tenth, two uses and a list as long as the store hit half a point less under Zipf 0.99 with scans. A key that comes back while its ghost
/// is known goes straight to the main queue. The main queue gives an entry that was used another round, so a scan passes through the small
/// queue and never reaches what is hot.
/// </para>
/// <para>
/// Invariants: every entry in the dictionary is in exactly one queue, and the queues' bytes are the store's bytes, at most the limit
/// after every operation. Concurrency: reads take no lock and write at most one byte (the use count, which saturates, so hot entries
/// are not written at all); all else takes one lock for a few instructions per entry moved.
/// </para>
/// <para>
/// Papers: (1) Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction, SOSP 2023. (2) Einziger, Friedman,
/// Manes: TinyLFU: a highly efficient cache admission policy, ACM ToS 2017, the policy this one was weighed against.
/// </para>
/// </remarks>
internal sealed class LocalStore
{
    private const int UseCap = 3;

    // Two looks for each entry that enters: the walk comes round before the store has doubled.
    private const int Looks = 2;
    private readonly NameTable _entries;
    private readonly Lock _lock = new();
    private readonly EntryQueue _small = new();
    private readonly EntryQueue _main = new();
    private readonly GhostList _ghosts = new();
    private readonly StripedCounter _evictions;
    private readonly MonotonicClock _clock;
    private readonly long _limit;
    private readonly long _smallTarget;

    public LocalStore(long limitBytes, StripedCounter evictions, MonotonicClock clock)
    {
        _clock = clock;
        _limit = limitBytes;
        _smallTarget = limitBytes / 50;
        _evictions = evictions;
        _entries = new NameTable(_lock);
    }

    public int Count => _small.Count + _main.Count;

    public long Bytes => _small.Bytes + _main.Bytes;

    /// <summary>Finds the entry of a full name and counts the use.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out LocalEntry? entry)
    {
        entry = _entries.Find(name);
        return Use(entry);
    }

    /// <summary>Finds the entry of a key in a scope and counts the use.</summary>
    public bool TryGet(string scope, ReadOnlySpan<char> key, uint hash, [NotNullWhen(true)] out LocalEntry? entry)
    {
        entry = _entries.Find(scope, key, hash);
        return Use(entry);
    }

    public void Put(LocalEntry entry)
    {
        if (entry.Bytes > _limit)
        {
            RemoveOlder(entry.Key, entry.Life.Stamp);
            return;
        }

        lock (_lock)
        {
            var queue = _ghosts.Contains(entry.Hash) ? _main : _small;
            var old = _entries.Find(entry.Key);
            if (old is not null)
            {
                if (old.Life.Stamp > entry.Life.Stamp)
                    return;

                // A newer value of the same key keeps what the old one earned.
                queue = old.Queue!;
                entry.Uses = old.Uses;
                queue.Unlink(old);
            }

            queue.Enqueue(entry);
            _entries.Set(entry, old);
            Sweep(_small);
            Sweep(_main);
            while (Bytes > _limit)
                Evict();
        }
    }

    /// <summary>
    /// Removes the entry of a key unless it was made after the stamp; one with an estimated stamp all the same, if asked to.
    /// </summary>
    public void RemoveOlder(string key, long stamp, bool estimates = false)
    {
        if (_entries.Find(key) is { } entry && (entry.Life.Stamp < stamp || (estimates && entry.Life.IsEstimated)))
            Remove(entry);
    }

    /// <summary>Removes an entry. Returns false when it is gone, or another one has taken its place.</summary>
    public bool Remove(LocalEntry entry)
    {
        lock (_lock)
        {
            if (!_entries.Remove(entry))
                return false;
            entry.Queue!.Unlink(entry);
            return true;
        }
    }

    /// <summary>Removes what a condition names; looks at every entry without the lock.</summary>
    public int RemoveWhere<TState>(Func<LocalEntry, TState, bool> condition, TState state)
    {
        var removed = 0;
        _entries.ForEach(
            (entry, given) =>
            {
                if (condition(entry, given) && Remove(entry))
                    removed++;
            },
            state);
        return removed;
    }

    public int CountWhere(Func<LocalEntry, bool> condition)
    {
        var found = new HashSet<LocalEntry>();
        _entries.ForEach(
            (entry, known) =>
            {
                if (condition(entry))
                    known.Add(entry);
            },
            found);
        return found.Count;
    }

    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            _small.Clear();
            _main.Clear();
            _ghosts.Clear();
        }
    }

    private static bool Use([NotNullWhen(true)] LocalEntry? entry)
    {
        if (entry is null)
            return false;
        if (entry.Uses < UseCap)
            entry.Uses++;
        return true;
    }

    // Entries that can never be served again leave a few at a time, so that no put waits for a sweep of all.
    private void Sweep(EntryQueue queue)
    {
        for (var i = 0; i < Looks && queue.Walk() is { } entry; i++)
        {
            if (_clock.Milliseconds < entry.Life.StaleUntil)
                continue;
            queue.Unlink(entry);
            _entries.Remove(entry);
        }
    }

    private void Evict()
    {
        if (_small.Oldest is { } young && (_small.Bytes > _smallTarget || _main.Oldest is null))
        {
            _small.Unlink(young);
            if (young.Uses > 0)
            {
                young.Uses = 0;
                _main.Enqueue(young);
                return;
            }

            _ghosts.Add(young.Hash, Math.Max(64, 2 * (_main.Count + _small.Count)));
            Drop(young);
            return;
        }

        var old = _main.Oldest!;
        _main.Unlink(old);
        if (old.Uses > 0)
        {
            old.Uses--;
            _main.Enqueue(old);
            return;
        }

        Drop(old);
    }

    private void Drop(LocalEntry entry)
    {
        _entries.Remove(entry);
        _evictions.Increment();
    }
}
