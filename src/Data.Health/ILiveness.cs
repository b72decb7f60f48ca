namespace Data.Health.Liveness;

/// <summary>
/// Watches loops of the application. A watched loop that stops beating fails <c>/health/live</c>, so that the orchestrator restarts a
/// process that hangs.
/// </summary>
/// <remarks>
/// Thread-safe; a singleton. Watch only loops that no dependency can block: liveness must never fail because a database is down.
/// </remarks>
public interface ILiveness
{
    /// <summary>Whether the thread pool, the evaluator and every watched loop have run within their limits.</summary>
    bool IsAlive { get; }

    /// <summary>Watches a loop from now until the returned pulse is disposed.</summary>
    /// <param name="name">Name of the loop.</param>
    /// <param name="maxSilence">Longest time between two beats. Range: 100 ms–1 day.</param>
    /// <returns>The pulse that the loop beats once per iteration; the caller disposes it when the loop ends normally.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxSilence"/> is out of range.</exception>
    ILivenessPulse Watch(string name, TimeSpan maxSilence);
}

/// <summary>The heartbeat of one watched loop.</summary>
/// <remarks>Thread-safe. Disposing it ends the watch.</remarks>
public interface ILivenessPulse : IDisposable
{
    /// <summary>Records that the loop is running. Costs a few nanoseconds.</summary>
    void Beat();
}
