namespace Data.Vector.Embedded;

internal sealed partial class EmbeddedCollection
{
    protected override Task AddCoreAsync(VectorRecord[] records, CancellationToken cancellationToken) =>
        WriteAsync([.. records.Select(static record => record.Id)], () =>
        {
            var existing = records.Where(record => _records.Contains(record.Id)).Select(static record => record.Id).ToList();
            return existing.Count == 0 ? records : throw new VectorRecordExistsException(Name, existing);
        }, cancellationToken);

    protected override Task UpsertCoreAsync(VectorRecord[] records, CancellationToken cancellationToken) =>
        WriteAsync([.. records.Select(static record => record.Id)], () => records, cancellationToken);

    protected override Task UpdateCoreAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken) =>
        WriteAsync([.. updates.Select(static update => update.Id)], () =>
        {
            var unknown = updates.Where(update => !_records.Contains(update.Id)).Select(static update => update.Id).ToList();
            return unknown.Count == 0 ? [.. updates.Select(Merge)] : throw new VectorRecordNotFoundException(Name, unknown);
        }, cancellationToken);

    protected override async Task<int> DeleteCoreAsync(string[] ids, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var reservation = await _reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
            return await DeleteReservedAsync(ids, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    protected override async Task<int> DeleteCoreAsync(VectorFilter filter, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            string[] candidates = [.. Matching(filter)];
            using var reservation = await _reservations.TakeAsync(candidates, cancellationToken).ConfigureAwait(false);

            // A record that was rewritten before its id was reserved may no longer match.
            string[] matching = [.. candidates.Where(
                id => Read(id, false, true) is { } record && filter.Matches(record.Metadata!, record.Document))];
            return await DeleteReservedAsync(matching, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Applies an entry of the journal while the collection is being opened.</summary>
    internal void Replay(ReadOnlySpan<byte> entry)
    {
        var (put, deleted) = FileJournal.Parse(entry);
        ApplyAll([.. put]);
        deleted.ForEach(ApplyDelete);
    }

    /// <summary>Puts a record of a snapshot into its slot, whose vector the index has already.</summary>
    internal void Restore(int slot, VectorRecord record)
    {
        if (!_index.Contains(slot) || !_records.TryRestore(slot, record))
            throw new InvalidDataException($"The snapshot has '{record.Id}' in slot {slot}, which the index does not have, or has twice.");
    }

    /// <summary>Checks that every vector of the snapshot's index has its record.</summary>
    internal void CheckRestored()
    {
        if (_records.Count != _index.Count)
            throw new InvalidDataException($"The snapshot has {_records.Count} records and {_index.Count} vectors.");
    }

    private async Task WriteAsync(string[] ids, Func<VectorRecord[]> resolve, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var reservation = await _reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
            var records = resolve();
            await _journal.PutAsync(records, cancellationToken).ConfigureAwait(false);
            ApplyAll(records);
        }
        finally
        {
            Leave();
        }
    }

    private async Task<int> DeleteReservedAsync(string[] ids, CancellationToken cancellationToken)
    {
        string[] existing = [.. ids.Where(_records.Contains)];
        if (existing.Length > 0)
        {
            await _journal.DeleteAsync(existing, cancellationToken).ConfigureAwait(false);
            Array.ForEach(existing, ApplyDelete);
        }

        return existing.Length;
    }

    private VectorRecord Merge(VectorRecordUpdate update)
    {
        var old = Read(update.Id, includeVectors: true, includeDocuments: true)!;
        return new VectorRecord(update.Id, update.Vector.IsEmpty ? old.Vector : update.Vector)
        {
            Document = update.Document ?? old.Document,
            Metadata = update.Metadata ?? old.Metadata,
        };
    }

    private void ApplyAll(VectorRecord[] records)
    {
        if (records.Length < ParallelFrom || _parallelism == 1)
        {
            Array.ForEach(records, Apply);
        }
        else
        {
            // The journal holds them all: from here on nothing may stop half-way, cancellation least of all.
            Parallel.ForEach(records, new ParallelOptions { MaxDegreeOfParallelism = _parallelism }, Apply);
        }
    }

    private void Apply(VectorRecord record)
    {
        // The index keeps the vector; the table's copy carries the rest.
        var kept = new VectorRecord(record.Id, default(ReadOnlyMemory<float>)) { Document = record.Document, Metadata = record.Metadata };
        if (!_records.TryGetSlot(record.Id, out var oldSlot))
        {
            var slot = _index.Add(record.Vector.Span);
            _records.Add(slot, kept);
            _metadata.Added(slot);
            return;
        }

        var oldMetadata = _records[oldSlot]!.Metadata!;
        var newSlot = SameVector(oldSlot, record.Vector.Span) ? oldSlot : _index.Add(record.Vector.Span);
        _records.Replace(oldSlot, newSlot, kept);
        _metadata.Removed(oldSlot, oldMetadata);
        _metadata.Added(newSlot);
        if (newSlot != oldSlot)
            _index.Delete(oldSlot);
    }

    private void ApplyDelete(string id)
    {
        if (_records.TryGetSlot(id, out var slot))
        {
            var metadata = _records[slot]!.Metadata!;
            _records.Remove(id, slot);
            _metadata.Removed(slot, metadata);
            _index.Delete(slot);
        }
    }

    private bool SameVector(int slot, ReadOnlySpan<float> vector)
    {
        using var pin = _index.Pin();
        return _index.GetVector(slot).SequenceEqual(vector);
    }

    private void Leave()
    {
        _gate.Exit();
        ConsiderSnapshot();
    }

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        if (_closed)
        {
            _gate.Exit();
            ThrowIfClosed();
        }
    }
}
