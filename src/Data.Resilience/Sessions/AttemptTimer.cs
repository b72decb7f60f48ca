namespace Data.Resilience.Sessions;

/// <summary>A cancellation source for one attempt: fires on the caller's cancellation or after a time limit.</summary>
/// <remarks>Rented from an <see cref="AttemptTimerPool"/> and returned to it by <see cref="Dispose"/>.</remarks>
internal sealed class AttemptTimer(AttemptTimerPool pool, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _source = new(Timeout.InfiniteTimeSpan, time);
    private CancellationTokenRegistration _caller;

    /// <summary>Token to work under.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Starts the time limit and follows the caller's token.</summary>
    public void Start(TimeSpan limit, CancellationToken caller)
    {
        _caller = caller.UnsafeRegister(static state => ((AttemptTimer)state!)._source.Cancel(), this);
        _source.CancelAfter(limit);
    }

    /// <summary>Restarts the time limit without the caller's cancellation, for a step that must not be abandoned half-way.</summary>
    /// <returns>False when the timer has fired already.</returns>
    public bool TryRestart(TimeSpan limit)
    {
        _caller.Dispose();
        if (_source.IsCancellationRequested)
            return false;

        _source.CancelAfter(limit);
        return true;
    }

    /// <summary>Returns the timer to its pool when it can be used again.</summary>
    public void Dispose()
    {
        _caller.Dispose();
        _caller = default;
        // Only the system's timers can be reset; those of another provider serve one attempt.
        if (!pool.HasRoom || !_source.TryReset())
            _source.Dispose();
        else
            pool.Return(this);
    }
}
