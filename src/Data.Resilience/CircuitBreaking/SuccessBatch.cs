namespace Data.Resilience.CircuitBreaking;

/// <summary>
/// Successes not yet reported to the breaker: each costs an increment, and reporting a few at once costs no more than reporting one.
/// </summary>
/// <remarks>
/// Safe for concurrent use. A success matters only when a failure is judged, so before a failure is told, what waits is told. A success is
/// told late by the time that the next few take, at rates where a ratio is judged a fraction of the window; what waited longer than the
/// window is dropped, as the breaker would.
/// </remarks>
internal sealed class SuccessBatch(int size, TimeSpan window, TimeProvider time)
{
    private int _count;
    private long _since;

    /// <summary>Adds a success and returns how many are to be reported now, mostly none.</summary>
    public int Add()
    {
        var count = Interlocked.Increment(ref _count);
        if (count == 1)
            Volatile.Write(ref _since, time.GetTimestamp());

        return count < size ? 0 : Take();
    }

    /// <summary>Returns how many are to be reported before a failure is.</summary>
    public int Take()
    {
        var count = Interlocked.Exchange(ref _count, 0);
        return count > 0 && time.GetElapsedTime(Volatile.Read(ref _since)) < window ? count : 0;
    }
}
