using Data.Vector.Collections;

namespace Data.Vector.Embedded;

/// <summary>The writes to a collection: reserve the ids, check, journal, apply, release.</summary>
/// <remarks>In this order the journal has the writes to one id in the order in which they are applied.</remarks>
internal sealed class CollectionWriter(
    string collection,
    StoredRecords records,
    IWriteJournal journal,
    SnapshotSchedule snapshots,
    WriteGate gate)
{
    private readonly IdReservations _reservations = new();
    private volatile bool _closed;

    public bool IsClosed => _closed;

    /// <summary>Runs after each write.</summary>
    public Action? Left { get; init; }

    public Task AddAsync(VectorRecord[] added, CancellationToken cancellationToken) =>
        WriteAsync([.. added.Select(static record => record.Id)], () =>
        {
            var existing = added.Where(record => records.Table.Contains(record.Id)).Select(static record => record.Id).ToList();
            return existing.Count == 0 ? added : throw new VectorRecordExistsException(collection, existing);
        }, cancellationToken);

    public Task UpsertAsync(VectorRecord[] upserted, CancellationToken cancellationToken) =>
        WriteAsync([.. upserted.Select(static record => record.Id)], () => upserted, cancellationToken);

    public Task UpdateAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken) =>
        WriteAsync([.. updates.Select(static update => update.Id)], () =>
        {
            var unknown = updates.Where(update => !records.Table.Contains(update.Id)).Select(static update => update.Id).ToList();
            return unknown.Count == 0 ? [.. updates.Select(Merge)] : throw new VectorRecordNotFoundException(collection, unknown);
        }, cancellationToken);

    public async Task<int> DeleteAsync(string[] ids, CancellationToken cancellationToken)
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

    public async Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            string[] candidates = [.. records.Matching(filter, cancellationToken)];
            using var reservation = await _reservations.TakeAsync(candidates, cancellationToken).ConfigureAwait(false);

            // A record that was rewritten before its id was reserved may no longer match.
            string[] matching = [.. candidates.Where(id => records.Read(id, false, true)?.Matches(filter) == true)];
            return await DeleteReservedAsync(matching, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Links the vector of a record anew; returns its new slot, null when it has been deleted.</summary>
    /// <remarks>Not journalled: it changes nothing that the journal holds.</remarks>
    public async Task<int?> RelinkAsync(string id, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var reservation = await _reservations.TakeAsync([id], cancellationToken).ConfigureAwait(false);
            return records.Relink(id);
        }
        finally
        {
            gate.Exit();
        }
    }

    /// <summary>Refuses further writes and waits for those that run.</summary>
    public async Task CloseAsync()
    {
        await gate.EnterAloneAsync().ConfigureAwait(false);
        _closed = true;
        gate.ExitAlone();
    }

    private async Task WriteAsync(string[] ids, Func<VectorRecord[]> resolve, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var reservation = await _reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
            var written = resolve();
            await journal.PutAsync(written, cancellationToken).ConfigureAwait(false);
            records.Put(written);
        }
        finally
        {
            Leave();
        }
    }

    private async Task<int> DeleteReservedAsync(string[] ids, CancellationToken cancellationToken)
    {
        string[] existing = [.. ids.Where(records.Table.Contains)];
        if (existing.Length > 0)
        {
            await journal.DeleteAsync(existing, cancellationToken).ConfigureAwait(false);
            records.Delete(existing);
        }

        return existing.Length;
    }

    private VectorRecord Merge(VectorRecordUpdate update) =>
        update.ApplyTo(records.Read(update.Id, includeVectors: true, includeDocuments: true)!);

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        if (_closed)
        {
            gate.Exit();
            throw new ObjectDisposedException(typeof(EmbeddedCollection).FullName);
        }
    }

    private void Leave()
    {
        gate.Exit();
        snapshots.Consider();
        Left?.Invoke();
    }
}
