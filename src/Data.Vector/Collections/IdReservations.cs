namespace Data.Vector.Collections;

/// <summary>Lets writes to different ids run concurrently, and serializes writes to one id.</summary>
/// <remarks>A call takes all its ids at once or waits while holding none, so calls cannot deadlock.</remarks>
internal sealed class IdReservations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource> _held = new(StringComparer.Ordinal);

    public async ValueTask<Reservation> TakeAsync(string[] ids, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task holder;
            lock (_gate)
            {
                if (IsFree(ids, out holder))
                {
                    var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    foreach (var id in ids)
                        _held.Add(id, released);

                    return new Reservation(this, ids, released);
                }
            }

            await holder.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsFree(string[] ids, out Task holder)
    {
        holder = Task.CompletedTask;
        if (_held.Count == 0)
            return true;

        foreach (var id in ids)
        {
            if (_held.TryGetValue(id, out var released))
            {
                holder = released.Task;
                return false;
            }
        }

        return true;
    }

    private void Release(string[] ids, TaskCompletionSource released)
    {
        lock (_gate)
        {
            foreach (var id in ids)
                _held.Remove(id);
        }

        released.TrySetResult();
    }

    /// <summary>Ids held by one call, until it is disposed.</summary>
    internal readonly struct Reservation(IdReservations owner, string[] ids, TaskCompletionSource released) : IDisposable
    {
        public void Dispose() => owner.Release(ids, released);
    }
}
