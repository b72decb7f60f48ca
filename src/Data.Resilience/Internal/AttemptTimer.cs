using System.Collections.Concurrent;

namespace Data.Resilience.Internal;

/// <summary>A reusable cancellation source for one attempt: fires on the caller's cancellation or after a time limit.</summary>
/// <remarks>Rented and given back, because a new source with a timer per session would be most of what a session allocates.</remarks>
internal sealed class AttemptTimer : IDisposable
{
    private const int PoolSize = 256;
    private static readonly ConcurrentQueue<AttemptTimer> Pool = new();
    private readonly CancellationTokenSource _source;
    private readonly bool _isReusable;
    private CancellationTokenRegistration _caller;

    private AttemptTimer(TimeProvider time)
    {
        // Only the system's timers can be reset for another use.
        _isReusable = time == TimeProvider.System;
        _source = _isReusable ? new CancellationTokenSource() : new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Gets the token to work under.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Takes a timer and starts it.</summary>
    public static AttemptTimer Rent(TimeProvider time, TimeSpan limit, CancellationToken caller)
    {
        if (time != TimeProvider.System || !Pool.TryDequeue(out var timer))
            timer = new AttemptTimer(time);

        timer._caller = caller.UnsafeRegister(static state => ((AttemptTimer)state!)._source.Cancel(), timer);
        timer._source.CancelAfter(limit);
        return timer;
    }

    /// <summary>Starts over without the caller's cancellation, for a step that must not be given up half-way.</summary>
    /// <returns>False when the timer has fired already.</returns>
    public bool TryRestart(TimeSpan limit)
    {
        _caller.Dispose();
        if (_source.IsCancellationRequested)
            return false;

        _source.CancelAfter(limit);
        return true;
    }

    /// <summary>Gives the timer back.</summary>
    public void Dispose()
    {
        _caller.Dispose();
        _caller = default;
        if (_isReusable && Pool.Count < PoolSize && _source.TryReset())
            Pool.Enqueue(this);
        else
            _source.Dispose();
    }
}
