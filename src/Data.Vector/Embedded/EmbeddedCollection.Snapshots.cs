namespace Data.Vector.Embedded;

internal sealed partial class EmbeddedCollection
{
    private readonly Lock _snapshotGate = new();
    private SnapshotKeeper? _snapshots;
    private Task _snapshot = Task.CompletedTask;
    private bool _closing;

    /// <summary>Starts a snapshot in the background when one is due and none is running.</summary>
    private void ConsiderSnapshot()
    {
        if (_snapshots?.IsDue != true)
            return;

        lock (_snapshotGate)
        {
            if (!_closing && _snapshot.IsCompleted)
                _snapshot = Task.Run(() => _snapshots.TakeAsync(_gate, _index, _records));
        }
    }

    /// <summary>Lets no further snapshot begin and waits for the one that runs.</summary>
    /// <returns>False when that has been done before.</returns>
    private async Task<bool> EndSnapshotsAsync()
    {
        Task running;
        lock (_snapshotGate)
        {
            if (_closing)
                return false;

            _closing = true;
            running = _snapshot;
        }

        await running.ConfigureAwait(false);
        return true;
    }
}
