using System.Collections.Concurrent;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.KeyIndexes;
using Data.Vector.Storage;
using Data.Vector.TextSearch;

namespace Data.Vector.Embedded;

/// <summary>
/// The records of a collection in memory, kept in step: the numeric index holds vectors in slots, the table holds the rest of each record
/// by slot, metadata indexes answer filters.
/// </summary>
/// <remarks>
/// Readers take no lock. A read chooses a version of the collection when it begins and sees that version throughout: a record that a write
/// replaces meanwhile is neither missed nor seen twice. A write prepares what it adds where no read sees it, publishes all of it in one
/// step, and removes what it replaced when no read of an earlier version is left. Writers to one id follow one another (see
/// <see cref="CollectionWriter"/>); writers to different ids may run at once.
/// </remarks>
internal sealed class StoredRecords : IDisposable
{
    /// <summary>From so many records on, an opening does not wait until all are read.</summary>
    public const int ReadLaterFrom = 50_000;

    private const int ParallelFrom = 32;

    private readonly ReadEpochs _readers = new();
    private readonly ConcurrentQueue<Settlement> _unsettled = new();
    private readonly Lock _settling = new();
    private long _removed;

    public StoredRecords(VectorIndex index, int parallelism, ITextAnalyzer? analyzer = null)
    {
        Index = index;
        Parallelism = parallelism;
        Table = new RecordTable(index.Count);
        Metadata = new MetadataIndexes(Table, () => index.SlotLimit);
        Text = new CollectionText(this, analyzer ?? UnicodeTextAnalyzer.Instance);
    }

    public VectorIndex Index { get; }

    public RecordTable Table { get; }

    public MetadataIndexes Metadata { get; }

    /// <summary>The records that are read while the collection is in use; null when there are none.</summary>
    public UnreadSnapshot? Unread { get; private set; }

    public CollectionText Text { get; }

    /// <summary>The number of threads that one call may use.</summary>
    public int Parallelism { get; }

    public int Count => Index.Count;

    /// <summary>Slots that writes have replaced or deleted so far.</summary>
    public long Removed => Interlocked.Read(ref _removed);

    /// <summary>Begins a read of the newest version.</summary>
    public ReadMoment Enter()
    {
        var pin = _readers.Enter();
        return new ReadMoment(pin, Index.Version);
    }

    /// <summary>Returns the slots that a filter accepts. The caller disposes the set.</summary>
    public SlotBitmap Select(VectorFilter filter, long version, CancellationToken cancellationToken)
    {
        Settle();
        return Metadata.Select(filter, version, cancellationToken);
    }

    /// <summary>Returns the ids of the records that a filter accepts, as of one version.</summary>
    public List<string> Matching(VectorFilter filter, CancellationToken cancellationToken)
    {
        using var moment = Enter();
        using var slots = Select(filter, moment.Version, cancellationToken);
        var (ids, version) = (new List<string>(), moment.Version);
        slots.ForEach(slot =>
        {
            if (Index.Contains(slot, version) && Table.Read(slot, version) is { } record)
                ids.Add(record.Id);
        });
        return ids;
    }

    /// <summary>Returns a record; null when there is none with this id, or the filter does not accept it.</summary>
    public VectorRecord? Read(string id, bool includeVectors, bool includeDocuments, VectorFilter? filter = null)
    {
        var spin = new SpinWait();
        while (true)
        {
            using (var moment = Enter())
            {
                if (!Table.TryGetSlot(id, out var slot))
                    return null;

                if (Index.Contains(slot, moment.Version) && Table.Read(slot, moment.Version) is { } record && record.Id == id)
                    return record.Matches(filter) ? Copy(record, slot, includeVectors, includeDocuments) : null;
            }

            // A write of this id is being published; a moment later the id leads to the slot that is visible.
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Puts records in place of those with the same ids, and adds the others, in one step for every read.</summary>
    public void Put(VectorRecord[] records)
    {
        var prepared = new PreparedRecord[records.Length];
        if (records.Length < ParallelFrom || Parallelism == 1)
        {
            for (var i = 0; i < records.Length; i++)
                prepared[i] = Prepare(records[i]);
        }
        else
        {
            // The journal holds all of them: nothing may stop between two of them, cancellation least of all.
            Parallel.For(
                0,
                records.Length,
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism },
                i => prepared[i] = Prepare(records[i]));
        }

        int[] arriving = [.. prepared.Where(static p => p.Version is null).Select(static p => p.Slot)];
        (int Slot, VectorMetadata Gone)[] left = [.. prepared.Where(static p => p.Replaced >= 0).Select(static p => (p.Replaced, p.Gone!))];
        (int Slot, VectorMetadata Gone, RecordVersion Version)[] changed =
            [.. prepared.Where(static p => p.Version is not null).Select(static p => (p.Slot, p.Gone!, p.Version!))];
        foreach (var record in prepared)
            Table.Locate(record.Id, record.Slot);

        Index.Publish(
            arriving,
            [.. left.Select(static item => item.Slot)],
            version => Array.ForEach(changed, item => item.Version.Since = version));
        _unsettled.Enqueue(new Settlement(_readers.Advance(), arriving, left, changed));
        Settle();
    }

    /// <summary>Moves a record to a new slot, which links its vector anew; returns the slot, null when there is no such record.</summary>
    public int? Relink(string id)
    {
        if (!Table.TryGetSlot(id, out var old))
            return null;

        var record = Table[old]!;
        Metadata.Unsettle(old);
        var slot = Arrive(Index.CopyVector(old), record);
        Table.Locate(id, slot);
        Index.Publish([slot], [old]);
        _unsettled.Enqueue(new Settlement(_readers.Advance(), [slot], [(old, record.Metadata!)], []));
        Settle();
        return slot;
    }

    /// <summary>Deletes records in one step for every read; unknown ids are ignored.</summary>
    public void Delete(IReadOnlyList<string> ids)
    {
        var left = new List<(int Slot, VectorMetadata Gone)>(ids.Count);
        foreach (var id in ids)
        {
            if (!Table.TryGetSlot(id, out var slot))
                continue;

            Metadata.Unsettle(slot);
            left.Add((slot, Table[slot]!.Metadata!));
        }

        if (left.Count == 0)
            return;

        Index.Publish([], [.. left.Select(static item => item.Slot)]);
        foreach (var id in ids)
            Table.Forget(id);

        _unsettled.Enqueue(new Settlement(_readers.Advance(), [], [.. left], []));
        Settle();
    }

    /// <summary>
    /// Captures the newest version for a snapshot. The caller keeps writers out meanwhile, and has waited for <see cref="WhenReadAsync"/>.
    /// </summary>
    /// <returns>
    /// The index; what the slots hold: records, or versions of them, the newest of which counts; and the text index, if there is one.
    /// </returns>
    public (IndexSnapshot Index, object?[] Cells, TextIndex? Text) Capture()
    {
        lock (_settling)
        {
            var cells = Table.Capture();
            foreach (var (slot, _) in _unsettled.SelectMany(static write => write.Left))
                cells[slot] = null;

            return (Index.BeginSnapshot(), cells, Text.Capture());
        }
    }

    /// <summary>Puts a record of a snapshot into its slot, whose vector the index already has.</summary>
    public void Restore(int slot, VectorRecord record)
    {
        if (!Index.Contains(slot) || !Table.TryRestore(slot, record))
            throw new InvalidDataException($"The snapshot has '{record.Id}' in slot {slot}, which the index does not have, or has twice.");
    }

    /// <summary>
    /// Takes the records of a snapshot, whose vectors the index already has. Few are read at once; many are read while the collection is in
    /// use. Disposes the reader.
    /// </summary>
    public void Restore(RecordsReader reader)
    {
        if (reader.Directory is not null && reader.Count >= ReadLaterFrom)
        {
            Unread = UnreadSnapshot.Attach(reader, Table, Index);
            return;
        }

        using (reader)
            reader.ReadAll(Restore);

        CheckRestored();
    }

    /// <summary>Waits until all records are in memory.</summary>
    /// <exception cref="VectorStoreCorruptException">Some of them cannot be read.</exception>
    public Task WhenReadAsync(CancellationToken cancellationToken) =>
        Unread?.Reading.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Checks that every vector of the snapshot's index has its record.</summary>
    public void CheckRestored()
    {
        if (Table.Count != Index.Count)
            throw new InvalidDataException($"The snapshot has {Table.Count} records and {Index.Count} vectors.");
    }

    /// <summary>Ends the writes that no read of an earlier version is left for. One thread does; others go on.</summary>
    public void Settle()
    {
        if (_unsettled.IsEmpty || !_settling.TryEnter())
            return;

        try
        {
            while (_unsettled.TryPeek(out var oldest) && _readers.IsQuiet(oldest.Epoch) && _unsettled.TryDequeue(out _))
                Settle(oldest);
        }
        finally
        {
            _settling.Exit();
        }
    }

    public void Dispose()
    {
        _readers.Close();
        Index.Dispose();
    }

    private VectorRecord Copy(VectorRecord record, int slot, bool includeVectors, bool includeDocuments)
    {
        if (!includeVectors && (includeDocuments || record.Document is null))
            return record;

        return new VectorRecord(record.Id, includeVectors ? Index.CopyVector(slot) : default(ReadOnlyMemory<float>))
        {
            Document = includeDocuments ? record.Document : null,
            Metadata = record.Metadata,
        };
    }

    private PreparedRecord Prepare(VectorRecord record)
    {
        // The index keeps the vector; the table's copy carries the rest.
        var kept = new VectorRecord(record.Id, default(ReadOnlyMemory<float>)) { Document = record.Document, Metadata = record.Metadata };
        if (!Table.TryGetSlot(record.Id, out var old))
            return new PreparedRecord(record.Id, Arrive(record.Vector.Span, kept), -1, null, null);

        var gone = Table[old]!.Metadata!;
        if (!Index.Holds(old, record.Vector.Span))
        {
            Metadata.Unsettle(old);
            return new PreparedRecord(record.Id, Arrive(record.Vector.Span, kept), old, gone, null);
        }

        Metadata.Unsettle(old);
        var version = Table.Supersede(old, kept);
        Metadata.Index(old);
        return new PreparedRecord(record.Id, old, -1, gone, version);
    }

    private int Arrive(ReadOnlySpan<float> vector, VectorRecord kept)
    {
        var slot = Index.Prepare(vector);
        Metadata.Unsettle(slot);
        Table.Write(slot, kept);
        Metadata.Index(slot);
        return slot;
    }

    private void Settle(Settlement write)
    {
        Interlocked.Add(ref _removed, write.Left.Length);
        foreach (var (slot, gone) in write.Left)
        {
            // Before the index releases the slot, which the next write may fill.
            Table.Clear(slot);
            Metadata.Remove(slot, gone);
        }

        foreach (var (slot, gone, version) in write.Changed)
        {
            Table.Settle(slot, version);
            Metadata.Remove(slot, gone);
        }

        Index.Settle(write.Arrived, [.. write.Left.Select(static item => item.Slot)]);
        foreach (var slot in write.Arrived)
            Metadata.Settled(slot);

        foreach (var (slot, _) in write.Left)
            Metadata.Settled(slot);

        foreach (var (slot, _, _) in write.Changed)
            Metadata.Settled(slot);
    }

    /// <summary>A record ready to be published: in a new slot, or as a new version of the record in its slot.</summary>
    private readonly record struct PreparedRecord(string Id, int Slot, int Replaced, VectorMetadata? Gone, RecordVersion? Version);
}
