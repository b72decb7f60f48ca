using System.Collections.Concurrent;

namespace Data.Vector.KeyIndexes;

/// <summary>The record of each slot of the index, and the slot of each id. Readers take no lock.</summary>
/// <remarks>
/// The caller serializes writers to one id; writers to different ids may run at once. A record is replaced as a whole, never changed.
/// </remarks>
/// <param name="expected">The expected number of records; 0 when unknown.</param>
internal sealed class RecordTable(int expected = 0)
{
    private const int ChunkBits = 12, ChunkSize = 1 << ChunkBits, ChunkMask = ChunkSize - 1;

    private readonly ConcurrentDictionary<string, int> _slots = new(concurrencyLevel: -1, Math.Max(expected, 31), StringComparer.Ordinal);
    private readonly Lock _growth = new();
    private VectorRecord?[][] _chunks = [];
    private long _replacementsBegun;
    private long _replacementsEnded;

    /// <summary>Records held.</summary>
    public int Count => _slots.Count;

    /// <summary>
    /// Replacements that have begun; compare with an earlier <see cref="ReplacementsEnded"/> to know whether one ran meanwhile.
    /// </summary>
    public long ReplacementsBegun => Volatile.Read(ref _replacementsBegun);

    /// <summary>Replacements that have ended.</summary>
    public long ReplacementsEnded => Volatile.Read(ref _replacementsEnded);

    /// <summary>The record in a slot; null when there is none.</summary>
    public VectorRecord? this[int slot]
    {
        get
        {
            var chunks = Volatile.Read(ref _chunks);
            return slot >> ChunkBits < chunks.Length ? Volatile.Read(ref chunks[slot >> ChunkBits][slot & ChunkMask]) : null;
        }
    }

    /// <summary>Returns all ids, without a copy; one that exists throughout is returned exactly once.</summary>
    public IEnumerable<string> Ids() => _slots.Select(static entry => entry.Key);

    public bool TryGetSlot(string id, out int slot) => _slots.TryGetValue(id, out slot);

    public bool Contains(string id) => _slots.ContainsKey(id);

    /// <summary>Puts a record with a new id into a slot.</summary>
    public void Add(int slot, VectorRecord record)
    {
        Write(slot, record);
        _slots[record.Id] = slot;
    }

    /// <summary>
    /// Puts a record that was read from disk into a slot, before there are readers. Returns false when its id or its slot is taken.
    /// </summary>
    public bool TryRestore(int slot, VectorRecord record)
    {
        if (this[slot] is not null || !_slots.TryAdd(record.Id, slot))
            return false;

        Write(slot, record);
        return true;
    }

    /// <summary>Moves an id to a new slot. Searches that run meanwhile may see both slots, never neither.</summary>
    public void Replace(int oldSlot, int newSlot, VectorRecord record)
    {
        Interlocked.Increment(ref _replacementsBegun);
        Write(newSlot, record);
        _slots[record.Id] = newSlot;
        if (oldSlot != newSlot)
            Write(oldSlot, null);

        Interlocked.Increment(ref _replacementsEnded);
    }

    /// <summary>Removes an id and the record in its slot.</summary>
    public void Remove(string id, int slot)
    {
        _slots.TryRemove(id, out _);
        Write(slot, null);
    }

    /// <summary>Returns the records by slot. The caller keeps writers out meanwhile.</summary>
    public VectorRecord?[] Capture()
    {
        var chunks = _chunks;
        var records = new VectorRecord?[chunks.Length * ChunkSize];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i].CopyTo(records, i * ChunkSize);

        return records;
    }

    private void Write(int slot, VectorRecord? record)
    {
        var chunk = slot >> ChunkBits;
        var chunks = Volatile.Read(ref _chunks);
        if (chunk >= chunks.Length)
            chunks = Grow(chunk);

        Volatile.Write(ref chunks[chunk][slot & ChunkMask], record);
    }

    private VectorRecord?[][] Grow(int chunk)
    {
        lock (_growth)
        {
            var chunks = _chunks;
            if (chunk < chunks.Length)
                return chunks;

            // Chunks themselves never move, so a writer that holds the old outer array still writes where readers look.
            var grown = new VectorRecord?[Math.Max(chunk + 1, chunks.Length * 2)][];
            chunks.CopyTo(grown, 0);
            for (var i = chunks.Length; i < grown.Length; i++)
                grown[i] = new VectorRecord?[ChunkSize];

            Volatile.Write(ref _chunks, grown);
            return grown;
        }
    }
}
