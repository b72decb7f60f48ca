namespace Data.Resilience.Outbox;

/// <summary>Wakes the one that waits, or the next wait when nobody does; several signals in between are one.</summary>
internal sealed class OutboxSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Volatile.Read(ref _next).TrySetResult();

    /// <summary>Waits for a signal, for the time limit or for the cancellation, whichever comes first. Never throws.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = time.CreateTimer(static signal => ((OutboxSignal)signal!).Set(), this, limit, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.UnsafeRegister(static signal => ((OutboxSignal)signal!).Set(), this)
            .ConfigureAwait(false);
        await Volatile.Read(ref _next).Task.ConfigureAwait(false);
        Volatile.Write(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
