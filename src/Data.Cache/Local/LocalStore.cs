using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Data.Cache.Internal;
using Data.Cache.Observation;

namespace Data.Cache.Local;

/// <summary>The local level: a table bounded by bytes, with <see cref="EvictionPolicy"/> deciding what leaves.</summary>
/// <remarks>
/// Invariants: every entry in the table is in exactly one queue of the policy, and the queues' bytes are the store's bytes, at most the
/// limit after every operation. Concurrency: reads take no lock and write at most one byte (the use count, which saturates, so hot entries
/// are not written at all); all else takes one lock for a few instructions per entry moved. Once the store is full, the uses of one key in
/// many (all keys of a small store) are also written to a buffer.
/// </remarks>
internal sealed class LocalStore
{
    private const int UseCap = 3;

    // Two looks for each entry that enters: the walk comes round before the store has doubled.
    private const int Looks = 2;
    private readonly NameTable _entries;
    private readonly Lock _lock = new();
    private readonly EvictionPolicy _policy;
    private readonly UseBuffer _uses = new();
    private readonly Func<LocalEntry, bool> _isDead;
    private readonly Action<LocalEntry> _remove;
    private readonly Action<uint> _use;
    private readonly CacheCounters _counters;
    private readonly long _limit;
    private ShareTuner? _tuner;

    public LocalStore(long limitBytes, CacheCounters counters, MonotonicClock clock)
    {
        _limit = limitBytes;
        _policy = new EvictionPolicy(limitBytes);
        _counters = counters;
        _entries = new NameTable(_lock);
        _isDead = entry => clock.Milliseconds >= entry.Life.StaleUntil;
        _remove = entry => _entries.Remove(entry);
        _use = hash => _tuner!.Use(hash);
    }

    public int Count => _policy.Count;

    public long Bytes => _policy.Bytes;

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
        Put(entry, out var evicted);
        Report(evicted);
    }

    /// <summary>
    /// Puts an entry under a lock of the caller, who then calls <see cref="Report"/> without it: observers are told outside of locks.
    /// </summary>
    public void Put(LocalEntry entry, out List<LocalEntry>? evicted)
    {
        evicted = null;
        if (entry.Bytes > _limit)
            RemoveOlder(entry.Key, entry.Life.Stamp);
        else
            Put(entry, evicted = _counters.Events is null ? null : []);
    }

    /// <summary>Tells the observers what was evicted.</summary>
    public void Report(List<LocalEntry>? evicted)
    {
        foreach (var entry in evicted ?? [])
            _counters.Events!.Raise(CacheEventKind.Evicted, entry.Key);
    }

    private void Put(LocalEntry entry, List<LocalEntry>? evicted)
    {
        lock (_lock)
        {
            var old = _entries.Find(entry.Key);
            if (old is not null && old.Life.Stamp > entry.Life.Stamp)
                return;

            Tune(entry);
            if (old is null)
                _policy.Add(entry);
            else
                _policy.Replace(old, entry);
            _entries.Set(entry, old);
            // Entries that can never be served again leave a few at a time, so that no put waits for a sweep of all.
            _policy.Sweep(Looks, _isDead, _remove);
            while (Bytes > _limit)
                Evict(entry, evicted);
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

    public bool Contains(string key) => _entries.Find(key) is not null;

    /// <summary>Removes the entry of a key unless it has this stamp.</summary>
    public void RemoveUnless(string key, long stamp)
    {
        if (_entries.Find(key) is { } entry && entry.Life.Stamp != stamp)
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
            _policy.Clear();
            _tuner = null;
        }
    }

    private bool Use([NotNullWhen(true)] LocalEntry? entry)
    {
        if (entry is null)
            return false;
        if (entry.Uses < UseCap)
            Note(entry);
        return true;
    }

    // A sampled entry never reaches the cap, so that each of its uses comes here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Note(LocalEntry entry)
    {
        if (!entry.IsSampled)
        {
            entry.Uses++;
            return;
        }

        entry.Uses = 1;
        if (!_uses.Add(entry.Hash) || !_lock.TryEnter())
            return;
        try
        {
            if (_tuner is not null)
                _uses.Drain(_use);
        }
        finally
        {
            _lock.Exit();
        }
    }

    // While everything fits there is nothing to choose.
    private void Tune(LocalEntry entry)
    {
        var isFull = Bytes + entry.Bytes > _limit && _policy.Count > 0;
        if (isFull && _tuner?.Suits(_policy.Count) != true)
            Watch();
        if (_tuner is not { } tuner)
            return;

        _uses.Drain(_use);
        entry.IsSampled = tuner.Samples(entry.Hash);
        if (entry.IsSampled)
        {
            tuner.Resize(_policy.Count);
            tuner.Use(entry.Hash);
        }

        _policy.ColdShare = tuner.ColdShare;
    }

    private void Watch()
    {
        var tuner = new ShareTuner(_policy.Count);
        foreach (var entry in _policy.All().Where(entry => tuner.Samples(entry.Hash)))
        {
            tuner.Use(entry.Hash);
            entry.IsSampled = true;
            entry.Uses = Math.Min(entry.Uses, (byte)1);
        }

        _tuner = tuner;
    }

    private void Evict(LocalEntry newcomer, List<LocalEntry>? evicted)
    {
        var entry = _policy.Evict(newcomer);
        _entries.Remove(entry);
        _counters.Evictions.Increment();
        evicted?.Add(entry);
    }
}
