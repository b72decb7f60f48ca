using System.Collections.Concurrent;

namespace Data.Vector.KeyIndexes;

/// <summary>The record of each slot of the index, and the slot of each id. Readers take no lock.</summary>
/// <remarks>
/// The caller serializes writers to one id; writers to different ids may run at once. A record is replaced as a whole, never changed; one
/// that is replaced in its slot stays beside its successor until no read wants it.
/// </remarks>
/// <param name="expected">The expected number of records; 0 when unknown.</param>
internal sealed class RecordTable(int expected = 0)
{
    private const int ChunkBits = 12, ChunkSize = 1 << ChunkBits, ChunkMask = ChunkSize - 1;

    private readonly ConcurrentDictionary<string, int> _slots = new(concurrencyLevel: -1, Math.Max(expected, 31), StringComparer.Ordinal);
    private readonly Lock _growth = new();
    private object?[][] _chunks = [];
    private long _bytes;

    /// <summary>Bytes of the records, an estimate.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Ids held.</summary>
    public int Count => _slots.Count;

    /// <summary>The newest record in a slot, which may not be published yet; null when there is none.</summary>
    public VectorRecord? this[int slot]
    {
        get
        {
            var cell = Cell(slot);
            return RecordVersion.Next(ref cell);
        }
    }

    /// <summary>Returns the record that a slot has in a version of the collection; null when there is none.</summary>
    public VectorRecord? Read(int slot, long version)
    {
        var cell = Cell(slot);
        while (cell is RecordVersion later)
        {
            if (later.Since <= version)
                return later.Record;

            cell = later.Older;
        }

        return (VectorRecord?)cell;
    }

    /// <summary>Returns what a slot holds, for <see cref="RecordVersion.Next"/>.</summary>
    public object? Cell(int slot)
    {
        var chunks = Volatile.Read(ref _chunks);
        return slot >> ChunkBits < chunks.Length ? Volatile.Read(ref chunks[slot >> ChunkBits][slot & ChunkMask]) : null;
    }

    /// <summary>Returns all ids, without a copy; one that exists throughout is returned exactly once.</summary>
    public IEnumerable<string> Ids() => _slots.Select(static entry => entry.Key);

    public bool TryGetSlot(string id, out int slot) => _slots.TryGetValue(id, out slot);

    public bool Contains(string id) => _slots.ContainsKey(id);

    /// <summary>Leads an id to a slot.</summary>
    public void Locate(string id, int slot) => _slots[id] = slot;

    /// <summary>Removes an id; the record stays in its slot.</summary>
    public void Forget(string id) => _slots.TryRemove(id, out _);

    /// <summary>
    /// Puts a record that was read from disk into a slot, before there are readers. Returns false when its id or its slot is taken.
    /// </summary>
    public bool TryRestore(int slot, VectorRecord record)
    {
        if (Cell(slot) is not null || !_slots.TryAdd(record.Id, slot))
            return false;

        Write(slot, record);
        return true;
    }

    /// <summary>Puts a record into a slot that is not visible yet.</summary>
    public void Write(int slot, VectorRecord record)
    {
        Interlocked.Add(ref _bytes, RecordSize.Of(record));
        Store(slot, record);
    }

    /// <summary>Puts a record in place of another one in its slot; reads see it from <see cref="RecordVersion.Since"/> on.</summary>
    public RecordVersion Supersede(int slot, VectorRecord record)
    {
        Interlocked.Add(ref _bytes, RecordSize.Of(record));
        var version = new RecordVersion(record, Cell(slot)!);
        Store(slot, version);
        return version;
    }

    /// <summary>Drops what a version replaced.</summary>
    public void Settle(int slot, RecordVersion version)
    {
        var replaced = version.Older;
        Interlocked.Add(ref _bytes, -RecordSize.Of(RecordVersion.Next(ref replaced)!));
        version.Forget();
        var chunk = Volatile.Read(ref _chunks)[slot >> ChunkBits];
        Interlocked.CompareExchange(ref chunk[slot & ChunkMask], version.Record, version);
    }

    /// <summary>Empties a slot that no read sees any more.</summary>
    public void Clear(int slot)
    {
        Interlocked.Add(ref _bytes, -RecordSize.Of(this[slot]!));
        Store(slot, null);
    }

    /// <summary>Returns the cells by slot. The caller keeps writers out meanwhile.</summary>
    public object?[] Capture()
    {
        var chunks = _chunks;
        var cells = new object?[chunks.Length * ChunkSize];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i].CopyTo(cells, i * ChunkSize);

        return cells;
    }

    private void Store(int slot, object? cell)
    {
        var chunk = slot >> ChunkBits;
        var chunks = Volatile.Read(ref _chunks);
        if (chunk >= chunks.Length)
            chunks = Grow(chunk);

        Volatile.Write(ref chunks[chunk][slot & ChunkMask], cell);
    }

    private object?[][] Grow(int chunk)
    {
        lock (_growth)
        {
            var chunks = _chunks;
            if (chunk < chunks.Length)
                return chunks;

            // Chunks themselves never move, so a writer that holds the old outer array still writes where readers look.
            var grown = new object?[Math.Max(chunk + 1, chunks.Length * 2)][];
            chunks.CopyTo(grown, 0);
            for (var i = chunks.Length; i < grown.Length; i++)
                grown[i] = new object?[ChunkSize];

            Volatile.Write(ref _chunks, grown);
            return grown;
        }
    }
}
