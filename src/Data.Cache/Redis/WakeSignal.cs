namespace Data.Cache.Redis;

/// <summary>A pause of one loop that others may end early.</summary>
/// <remarks>Set from any thread. Only one caller waits at a time.</remarks>
internal sealed class WakeSignal(TimeProvider time)
{
    private TaskCompletionSource _signal = NewSignal();

    /// <summary>Ends the pause, or the next one if there is none.</summary>
    public void Set() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Waits for the pause or until the signal is set.</summary>
    public async Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await _signal.Task.WaitAsync(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (_signal.Task.IsCompleted)
            Volatile.Write(ref _signal, NewSignal());
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
