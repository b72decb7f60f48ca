namespace Data.Health.Liveness;

/// <summary>
/// Lets a loop of the application prove that it still turns. A registered loop that falls silent fails <c>/health/live</c>, so the
/// orchestrator restarts a process that is wedged.
/// </summary>
/// <remarks>
/// Thread-safe; a singleton. Register only loops that no dependency can block: liveness must never fail because a database is away.
/// </remarks>
public interface ILiveness
{
    /// <summary>Whether the thread pool, the evaluator and every registered loop have turned lately.</summary>
    bool IsAlive { get; }

    /// <summary>Watches a loop from now until the returned pulse is disposed.</summary>
    /// <param name="name">Names the loop in the log.</param>
    /// <param name="maxSilence">The longest time between two beats; 100 ms to 1 day.</param>
    /// <returns>The pulse to beat once per turn; the caller disposes of it when the loop ends as it should.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxSilence"/> is out of range.</exception>
    ILivenessPulse Watch(string name, TimeSpan maxSilence);
}

/// <summary>The sign of life of one watched loop.</summary>
/// <remarks>Thread-safe. Disposing of it ends the watch.</remarks>
public interface ILivenessPulse : IDisposable
{
    /// <summary>Says that the loop turned just now. Costs a few nanoseconds.</summary>
    void Beat();
}
