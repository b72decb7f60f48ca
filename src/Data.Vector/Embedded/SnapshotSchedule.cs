namespace Data.Vector.Embedded;

/// <summary>Decides when a collection's snapshots are taken: one at a time, in the background, none after the end.</summary>
/// <param name="keeper">Takes the snapshots; null in memory, where there are none.</param>
/// <param name="gate">Keeps writes out while the moment is captured.</param>
/// <param name="records">The records to save.</param>
internal sealed class SnapshotSchedule(SnapshotKeeper? keeper, WriteGate gate, StoredRecords records)
{
    private readonly Lock _turn = new();
    private Task _running = Task.CompletedTask;
    private bool _ended;

    /// <summary>Bytes of journal that opening would have to replay.</summary>
    public long JournalBytes => keeper?.JournalBytes ?? 0;

    /// <summary>Starts a snapshot in the background when one is due and none is running.</summary>
    public void Consider()
    {
        if (keeper is null || !(keeper.IsDue || records.Text.IsUnsaved))
            return;

        lock (_turn)
        {
            if (!_ended && _running.IsCompleted)
                _running = Task.Run(() => keeper.TakeAsync(gate, records));
        }
    }

    /// <summary>Lets no further snapshot begin and waits for the one that runs.</summary>
    /// <returns>False when that has been done before.</returns>
    public async Task<bool> EndAsync()
    {
        Task running;
        lock (_turn)
        {
            if (_ended)
                return false;

            _ended = true;
            running = _running;
        }

        await running.ConfigureAwait(false);
        return true;
    }

    /// <summary>Takes a last snapshot when the journal is long enough for it.</summary>
    public Task TakeLastAsync() =>
        keeper is not null && (keeper.IsDueOnClose || records.Text.IsUnsaved) ? keeper.TakeAsync(gate, records) : Task.CompletedTask;

    /// <summary>Writes other options to the manifest.</summary>
    public void Change(VectorCollectionOptions options) => keeper?.Change(options);
}
