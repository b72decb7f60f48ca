using Data.Resilience.CircuitBreaking;

namespace Data.Resilience.Admission;

/// <summary>
/// How fast waiting attempts are released: one trial after each break while the database fails, in a slow start once a trial succeeded.
/// </summary>
/// <remarks>
/// Not safe for concurrent use. Slow start as TCP's: each answer allows one more attempt at a time, which doubles them per round; a fault
/// ends it.
/// </remarks>
/// <param name="options">The breaks between trials.</param>
/// <param name="maxWindow">Number of released attempts that may be under way at a time: what the pool can take.</param>
/// <param name="time">The clock.</param>
internal sealed class RecoveryPace(CircuitBreakerOptions options, int maxWindow, TimeProvider time)
{
    private const int MaxDoublings = 30;
    private bool _isStarting;
    private int _window = 1;
    private int _underWay;
    private int _failed;
    private long _nextTrial;
    private long _lastFault;

    /// <summary>Whether the last attempt that ended, of any call, was failed by the database.</summary>
    public bool IsInDoubt { get; private set; }

    private TimeSpan Break => _failed == 0
        ? TimeSpan.Zero
        : TimeSpan.FromTicks((long)Math.Min(options.MaxBreakDuration.Ticks, options.BreakDuration.Ticks * Math.Pow(2, _failed - 1)));

    /// <summary>Releases an attempt, if it is time.</summary>
    /// <param name="wait">Otherwise, the time after which to ask again, unless a report comes first.</param>
    public bool TryRelease(out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var now = time.GetTimestamp();
        if (!_isStarting || _underWay >= _window)
        {
            // Calls that make their first attempt are asking already: a trial on top would tell nothing more.
            var next = IsInDoubt ? Math.Max(_nextTrial, After(_lastFault, Break)) : _nextTrial;
            if (now < next)
            {
                wait = time.GetElapsedTime(now, next);
                return false;
            }
        }

        _underWay++;
        // A trial that lasts, such as a long report, does not hold back the others for ever.
        _nextTrial = After(now, DatabaseCircuit.ProbeBreaks * options.MaxBreakDuration);
        return true;
    }

    /// <summary>An attempt was failed by the database.</summary>
    public void OnFault(bool wasReleased)
    {
        IsInDoubt = true;
        _lastFault = time.GetTimestamp();
        if (!wasReleased && !_isStarting)
            return;

        _isStarting = false;
        _window = 1;
        _failed = Math.Min(_failed + 1, MaxDoublings);
        _nextTrial = After(_lastFault, Break);
    }

    /// <summary>The database answered an attempt, whether with success or not.</summary>
    public void OnAnswer(bool wasReleased)
    {
        IsInDoubt = false;
        _isStarting |= wasReleased;
        if (_isStarting && _window < maxWindow)
            _window++;
    }

    /// <summary>A released attempt ended without meeting the database: another one may take its place.</summary>
    public void OnAbandoned()
    {
        OnEnd();
        _nextTrial = 0;
    }

    /// <summary>A released attempt ended, however.</summary>
    public void OnEnd() => _underWay--;

    /// <summary>The database is known to be back.</summary>
    public void Start() => _isStarting = true;

    /// <summary>
    /// Nobody waits and the last attempt was answered: once no released attempt is under way, the next trouble is a new one.
    /// </summary>
    public void Reset()
    {
        if (_underWay > 0)
            return;

        _isStarting = false;
        _window = 1;
        _failed = 0;
        _nextTrial = 0;
    }

    private long After(long timestamp, TimeSpan duration) => timestamp + (long)(duration.TotalSeconds * time.TimestampFrequency);
}
