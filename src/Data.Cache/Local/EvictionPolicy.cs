namespace Data.Cache.Local;

/// <summary>
/// Decides which entry leaves: LIRS with clocks instead of stacks, so that a hit writes at most one byte. Guarded by the store's lock.
/// </summary>
/// <remarks>
/// <para>
/// LIRS keeps what was used twice within a short distance ("hot") and lets everything else pass through a small part of the room ("cold").
/// An entry starts cold and in its test: used again before the oldest hot entry was last seen in use, it becomes hot, and that oldest one
/// becomes cold. One that leaves in its test is remembered as a ghost, and is hot when it comes back in time. So neither a scan nor a loop
/// larger than the room reaches what is hot.
/// </para>
/// <para>
/// The order of use is only known to the clocks: a queue moves an entry that was used to its end when it comes to the front, with the
/// time of that moment. The hot queue is thereby ordered by time, and its front tells how long a test lasts.
/// </para>
/// <para>
/// How much room is cold decides what the policy is good at: with 1 % it resists loops and scans, with 98 % it is nearly LRU, which is
/// best where keys are used in short bursts. <see cref="ShareTuner"/> chooses the share.
/// </para>
/// <para>
/// Papers: (1) Jiang, Zhang: LIRS, an efficient low inter-reference recency set replacement policy, SIGMETRICS 2002. (2) Jiang, Chen,
/// Zhang: CLOCK-Pro, an effective improvement of the CLOCK replacement, USENIX ATC 2005.
/// </para>
/// </remarks>
internal sealed class EvictionPolicy(long limitBytes)
{
    // Steps of a clock for one call: no put waits for a round over all entries.
    private const int MaxSteps = 64;
    private const int MinGhosts = 64;

    // So many times the entries are entered before one that is hot, and not used meanwhile, is cold: ghosts do not reach that far back.
    private const int MaxIdleRounds = 16;
    private readonly EntryQueue _hot = new();
    private readonly ColdQueue _cold = new();
    private readonly GhostList _ghosts = new();
    private long _time;
    private uint _swept;

    /// <summary>Share of the room for entries that have not shown that they are used often.</summary>
    public double ColdShare { get; set; } = 0.01;

    public int Count => _hot.Count + _cold.Count;

    public long Bytes => _hot.Bytes + _cold.Bytes;

    private long HotLimit => limitBytes - (long)(limitBytes * ColdShare);

    /// <summary>Enters an entry of a key that is not there.</summary>
    public void Add(LocalEntry entry)
    {
        entry.EnteredAt = ++_time;
        var left = _ghosts.Take(entry.Hash);
        var isHot = left >= 0
            ? left > OldestHotTime()
            : _hot.Bytes + entry.Bytes <= HotLimit;
        entry.IsInTest = !isHot;
        Enqueue(entry, isHot);
        Pass();
    }

    /// <summary>Enters a newer value of a key, which keeps what the older one earned.</summary>
    public void Replace(LocalEntry old, LocalEntry entry)
    {
        var queue = old.Queue!;
        entry.Uses = old.Uses;
        entry.EnteredAt = old.EnteredAt;
        entry.IsInTest = old.IsInTest;
        queue.Unlink(old);
        queue.Enqueue(entry);
        Cool();
    }

    /// <summary>Takes the entry out that has to leave. There is one more than <paramref name="newcomer"/>.</summary>
    /// <param name="newcomer">The entry that needs the room; it does not leave by itself.</param>
    public LocalEntry Evict(LocalEntry newcomer)
    {
        while (true)
        {
            if (_cold.Oldest(newcomer) is not { } entry)
            {
                var oldest = OldestHot(newcomer);
                _hot.Unlink(oldest);
                return oldest;
            }

            entry.Queue!.Unlink(entry);
            if (entry.Uses > 0)
            {
                Promote(entry);
                continue;
            }

            if (entry.IsInTest && entry.EnteredAt > OldestHotTime())
                _ghosts.Add(entry.Hash, entry.EnteredAt, Math.Max(MinGhosts, 2 * Count));
            return entry;
        }
    }

    /// <summary>Takes out up to a few entries that a condition names; a walk that goes round over all calls.</summary>
    public void Sweep(int looks, Func<LocalEntry, bool> isDead, Action<LocalEntry> remove)
    {
        Sweep(_hot, looks, isDead, remove);
        // One part after the other: an entry stays in each for a while, and is looked at in one of them.
        Sweep(_cold.Part(_swept++), looks, isDead, remove);
    }

    /// <summary>Every entry, those that stay longest last.</summary>
    public IEnumerable<LocalEntry> All() => _cold.All().Concat(_hot.All());

    public void Clear()
    {
        _hot.Clear();
        _cold.Clear();
        _ghosts.Clear();
    }

    private static void Sweep(EntryQueue queue, int looks, Func<LocalEntry, bool> isDead, Action<LocalEntry> remove)
    {
        for (var i = 0; i < looks && queue.Walk() is { } entry; i++)
        {
            if (!isDead(entry))
                continue;
            queue.Unlink(entry);
            remove(entry);
        }
    }

    private LocalEntry OldestHot(LocalEntry newcomer)
    {
        OldestHotTime();
        var entry = _hot.Oldest!;
        return ReferenceEquals(entry, newcomer) ? entry.Newer! : entry;
    }

    // A cold entry that was used: hot when it is in its test, else it begins one.
    private void Promote(LocalEntry entry)
    {
        var isHot = entry.IsInTest && entry.EnteredAt > OldestHotTime();
        entry.Uses = 0;
        entry.EnteredAt = ++_time;
        entry.IsInTest = !isHot;
        Enqueue(entry, isHot);
    }

    private void Enqueue(LocalEntry entry, bool isHot)
    {
        if (isHot)
            _hot.Enqueue(entry);
        else
            _cold.Enqueue(entry);
        Cool();
    }

    private void Pass()
    {
        for (var i = 0; i < MaxSteps && _cold.Pass() is { } used; i++)
            Promote(used);
    }

    // What is hot beyond its room, or was not used for long, becomes cold, oldest first.
    private void Cool()
    {
        for (var i = 0; i < MaxSteps && _hot.Count > 1; i++)
        {
            var idle = _time - OldestHotTime();
            if (_hot.Bytes <= HotLimit && idle <= (long)MaxIdleRounds * Math.Max(MinGhosts, Count))
                return;
            var entry = _hot.Oldest!;
            _hot.Unlink(entry);
            entry.Uses = 0;
            entry.IsInTest = false;
            _cold.Enqueue(entry);
        }
    }

    // Entries in use go to the end first, so that the front is one that was not used since its time.
    private long OldestHotTime()
    {
        for (var i = 0; i < MaxSteps && _hot.Oldest is { Uses: > 0 } entry; i++)
        {
            _hot.Unlink(entry);
            entry.Uses = 0;
            entry.EnteredAt = _time;
            _hot.Enqueue(entry);
        }

        return _hot.Oldest?.EnteredAt ?? -1;
    }
}
