using System.Collections.Concurrent;

namespace Data.Vector.KeyIndexes;

/// <summary>The record of each slot of the index, and the slot of each id. Readers take no lock.</summary>
/// <remarks>
/// The caller serializes writers to one id; writers to different ids may run at once. A record is replaced as a whole, never changed; one
/// that is replaced in its slot stays beside its successor until no read wants it. Records may still be on disk: a read of such a slot
/// reads its block first, and an id is looked up among those on disk until all of them are in memory.
/// </remarks>
/// <param name="expected">The expected number of records; 0 when unknown.</param>
internal sealed class RecordTable(int expected = 0)
{
    // Where an id leads that was deleted while it may be found on disk.
    private const int Deleted = -1;

    private const int ChunkBits = 12, ChunkSize = 1 << ChunkBits, ChunkMask = ChunkSize - 1;

    private readonly ConcurrentDictionary<string, int> _slots = new(concurrencyLevel: -1, Math.Max(expected, 31), StringComparer.Ordinal);
    private readonly Lock _growth = new();
    private object?[][] _chunks = [];
    private UnreadRecords? _unread;
    private long _bytes;

    /// <summary>Bytes of the records, an estimate.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Ids in memory.</summary>
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
        var cell = Stored(slot);
        if (cell is not UnreadBlock block)
            return cell;

        Place(block);
        cell = Stored(slot);
        return cell is UnreadBlock ? throw new VectorStoreCorruptException($"The record of slot {slot} is not in its block.") : cell;
    }

    /// <summary>
    /// Returns all ids, without a copy; one that exists throughout is returned exactly once. The caller has waited until all are in memory.
    /// </summary>
    public IEnumerable<string> Ids() => _slots.Where(static entry => entry.Value != Deleted).Select(static entry => entry.Key);

    public bool TryGetSlot(string id, out int slot)
    {
        while (true)
        {
            // First: an id that is in memory neither now nor below is on disk, or nowhere.
            var unread = Volatile.Read(ref _unread);
            if (_slots.TryGetValue(id, out slot))
                return slot != Deleted;

            var found = unread is null ? Deleted : Find(unread, id);
            if (found == Deleted)
                return false;

            // Ids whose slots have changed are in memory, until all are: then deleted ones are forgotten.
            if (_slots.TryGetValue(id, out slot))
                return slot != Deleted;

            if (Volatile.Read(ref _unread) is null)
                continue;

            slot = found;
            return true;
        }
    }

    public bool Contains(string id) => TryGetSlot(id, out _);

    /// <summary>Leads an id to a slot.</summary>
    public void Locate(string id, int slot) => _slots[id] = slot;

    /// <summary>Removes an id; the record stays in its slot.</summary>
    public void Forget(string id)
    {
        if (Volatile.Read(ref _unread) is not null)
            _slots[id] = Deleted;
        else
            _slots.TryRemove(id, out _);
    }

    /// <summary>Takes note of records on disk, before there are readers.</summary>
    /// <param name="unread">The records.</param>
    /// <param name="cells">The slots that have one, each with its block.</param>
    public void Attach(UnreadRecords unread, IEnumerable<(int Slot, UnreadBlock Block)> cells)
    {
        foreach (var (slot, block) in cells)
            Store(slot, block);

        _unread = unread;
    }

    /// <summary>Reads all records that are still on disk, beside readers and writers.</summary>
    public void ReadAll(CancellationToken cancellationToken)
    {
        if (_unread is not { } unread)
            return;

        foreach (var block in unread.Blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (slot, record) in Place(block))
                _slots.TryAdd(record.Id, slot);
        }

        Volatile.Write(ref _unread, null);
        foreach (var entry in _slots)
        {
            if (entry.Value == Deleted)
                _slots.TryRemove(entry);
        }
    }

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

    /// <summary>Returns the cells by slot. The caller keeps writers out meanwhile, and has read all records.</summary>
    public object?[] Capture()
    {
        if (_unread is not null)
            throw new InvalidOperationException("Records are still on disk.");

        var chunks = _chunks;
        var cells = new object?[chunks.Length * ChunkSize];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i].CopyTo(cells, i * ChunkSize);

        return cells;
    }

    private int Find(UnreadRecords unread, string id)
    {
        foreach (var slot in unread.Slots(id))
        {
            if (Cell(slot) is VectorRecord record && record.Id == id)
                return slot;
        }

        return Deleted;
    }

    private object? Stored(int slot)
    {
        var chunks = Volatile.Read(ref _chunks);
        return slot >> ChunkBits < chunks.Length ? Volatile.Read(ref chunks[slot >> ChunkBits][slot & ChunkMask]) : null;
    }

    // Puts the records of a block where it still stands in for them.
    private List<(int Slot, VectorRecord Record)> Place(UnreadBlock block)
    {
        var records = block.Read();
        var chunks = Volatile.Read(ref _chunks);
        foreach (var (slot, record) in records)
        {
            if (Interlocked.CompareExchange(ref chunks[slot >> ChunkBits][slot & ChunkMask], record, block) == block)
                Interlocked.Add(ref _bytes, RecordSize.Of(record));
        }

        return records;
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
