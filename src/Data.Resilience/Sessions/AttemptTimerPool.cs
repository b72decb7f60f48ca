using System.Collections.Concurrent;

namespace Data.Resilience.Sessions;

/// <summary>Timers of one time provider, kept for later attempts.</summary>
/// <remarks>
/// Safe for concurrent use. A new cancellation source with a timer per session would be most of what a session allocates.
/// </remarks>
internal sealed class AttemptTimerPool(TimeProvider time)
{
    private const int Size = 256;
    private readonly ConcurrentQueue<AttemptTimer> _timers = new();

    /// <summary>Whether another timer would be kept.</summary>
    public bool HasRoom => _timers.Count < Size;

    /// <summary>Takes a timer and starts it; the caller disposes it.</summary>
    /// <inheritdoc cref="AttemptTimer.Start" path="/param"/>
    public AttemptTimer Rent(TimeSpan limit, TimeSpan grace, CancellationToken caller)
    {
        if (!_timers.TryDequeue(out var timer))
            timer = new AttemptTimer(this, time);

        timer.Start(limit, grace, caller);
        return timer;
    }

    /// <summary>Keeps a timer that was reset.</summary>
    public void Return(AttemptTimer timer) => _timers.Enqueue(timer);
}
