namespace Data.Health.Evaluation;

/// <summary>
/// The runs of one check that exceeded their time-out and have not ended. While one hangs the check is started again only after a pause
/// that doubles each time, and never while as many hang as the limit allows: a dependency that hangs costs a few runs, not one per period.
/// </summary>
/// <remarks>Not thread-safe: one evaluation of a contributor runs at a time.</remarks>
internal sealed class HungRuns(int limit, TimeSpan retryDelay, TimeProvider time)
{
    private readonly List<Task> _runs = [];
    private TimeSpan _pause;
    private long _hungAt;

    /// <summary>Number of runs that hang.</summary>
    public int Count => _runs.Count;

    /// <summary>Whether the check may be started: nothing hangs, a run that hung has just ended, or it is time for a new attempt.</summary>
    public bool MayStart()
    {
        var ended = _runs.RemoveAll(static run => run.IsCompleted) > 0;
        return _runs.Count == 0 || (_runs.Count < limit && (ended || time.GetElapsedTime(_hungAt) >= _pause));
    }

    public void Add(Task run)
    {
        _runs.Add(run);
        _hungAt = time.GetTimestamp();
        _pause = retryDelay * Math.Pow(2, _runs.Count - 1);
    }

    /// <summary>Forgets what hangs after a run that ended in time: the limit holds for one outage.</summary>
    public void Clear() => _runs.Clear();
}
