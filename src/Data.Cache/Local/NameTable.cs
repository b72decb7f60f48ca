using System.Runtime.CompilerServices;

namespace Data.Cache.Local;

/// <summary>
/// A hash table of entries by name, chained through the entries, read without a lock and written under one.
/// </summary>
/// <remarks>
/// <para>
/// Compared with ConcurrentDictionary it saves the node (48 bytes per entry, and one dependent memory access per hit) and finds a name by
/// its two parts, scope and key, without concatenating them.
/// </para>
/// <para>
/// Invariants: an entry is published complete, at the head of its chain; one that left keeps its link, so whoever stands on it still
/// reaches the rest. Only growing moves entries between chains, which can hide one from a reader for a moment, never show it a wrong one,
/// because names are compared. So a reader that finds nothing asks whether the table grew meanwhile, and if so looks again under the lock.
/// An entry is entered once and never again after it left.
/// </para>
/// </remarks>
internal sealed class NameTable(Lock writing)
{
    private const int SmallestSize = 64;
    private volatile LocalEntry?[] _heads = new LocalEntry?[SmallestSize];
    private int _count;

    // Odd while the table grows.
    private int _version;

    /// <summary>Finds the entry of a key in a scope.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LocalEntry? Find(ReadOnlySpan<char> scope, ReadOnlySpan<char> key, uint hash)
    {
        var version = Volatile.Read(ref _version);
        return Look(scope, key, hash) ?? (Volatile.Read(ref _version) == version && (version & 1) == 0 ?
            null :
            LookAgain(scope, key, hash));
    }

    /// <summary>Finds the entry of a full name.</summary>
    public LocalEntry? Find(string name)
    {
        var length = NameHash.ScopeLength(name);
        var scope = name.AsSpan(0, length);
        var key = name.AsSpan(length);
        return Find(scope, key, NameHash.OfKey(NameHash.OfScope(scope), key));
    }

    /// <summary>Enters an entry, in the place of the one with the same name if there is one. Under the lock.</summary>
    public void Set(LocalEntry entry, LocalEntry? old)
    {
        if (_count >= _heads.Length)
            Grow();
        ref var head = ref Head(_heads, entry.Hash);
        entry.Next = head;
        Volatile.Write(ref head, entry);
        _count++;
        if (old is not null)
            Remove(old);
    }

    /// <summary>Takes an entry out. Returns false when it was not there. Under the lock.</summary>
    public bool Remove(LocalEntry entry)
    {
        ref var head = ref Head(_heads, entry.Hash);
        if (ReferenceEquals(head, entry))
        {
            Volatile.Write(ref head, entry.Next);
            _count--;
            return true;
        }

        for (var before = head; before is not null; before = before.Next)
        {
            if (!ReferenceEquals(before.Next, entry))
                continue;
            before.Next = entry.Next;
            _count--;
            return true;
        }

        return false;
    }

    /// <summary>Under the lock.</summary>
    public void Clear()
    {
        Array.Clear(_heads);
        _count = 0;
    }

    /// <summary>
    /// Shows every entry that was there from before the call until it is shown; one may be shown twice. Without the lock.
    /// </summary>
    public void ForEach<TState>(Action<LocalEntry, TState> action, TState state)
    {
        int version;
        do
        {
            // While it grows, wait for it; when it grew meanwhile, once more.
            lock (writing)
                version = _version;
            var heads = _heads;
            for (var i = 0; i < heads.Length && Volatile.Read(ref _version) == version; i++)
            {
                for (var entry = Volatile.Read(ref heads[i]); entry is not null; entry = entry.Next)
                    action(entry, state);
            }
        }
        while (Volatile.Read(ref _version) != version);
    }

    private static ref LocalEntry? Head(LocalEntry?[] heads, uint hash) => ref heads[hash & (uint)(heads.Length - 1)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LocalEntry? Look(ReadOnlySpan<char> scope, ReadOnlySpan<char> key, uint hash)
    {
        for (var entry = Volatile.Read(ref Head(_heads, hash)); entry is not null; entry = entry.Next)
        {
            if (entry.Hash == hash && entry.IsNamed(scope, key))
                return entry;
        }

        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private LocalEntry? LookAgain(ReadOnlySpan<char> scope, ReadOnlySpan<char> key, uint hash)
    {
        lock (writing)
            return Look(scope, key, hash);
    }

    private void Grow()
    {
        var heads = _heads;
        var larger = new LocalEntry?[heads.Length * 2];
        Interlocked.Increment(ref _version);
        for (var i = 0; i < heads.Length; i++)
        {
            for (var entry = heads[i]; entry is not null;)
            {
                var next = entry.Next;
                ref var head = ref Head(larger, entry.Hash);
                entry.Next = head;
                head = entry;
                entry = next;
            }
        }

        _heads = larger;
        Interlocked.Increment(ref _version);
    }
}
