using Data.Cache.Internal;

namespace Data.Cache.Redis;

/// <summary>Decides when the circuit breaker opens: when too large a share of the calls in a sampling window has failed.</summary>
/// <remarks>
/// The link closes the breaker again after a probe of its own, so no caller has to try. Every call is counted, so counting costs one
/// addition. An expired window is replaced; a call that is counted in the old one at that moment is lost.
/// </remarks>
internal sealed class FailureWindow
{
    private readonly double _ratio;
    private readonly int _minimum;
    private readonly long _length;
    private readonly MonotonicClock _clock;
    private Window _window;

    public FailureWindow(double ratio, int minimum, TimeSpan length, TimeProvider time)
    {
        _ratio = ratio;
        _minimum = minimum;
        _length = (long)length.TotalMilliseconds;
        _clock = new MonotonicClock(time);
        _window = new Window(_clock.Milliseconds);
    }

    /// <summary>Counts a call that was answered.</summary>
    public void Succeeded() => Interlocked.Increment(ref Current().Calls);

    /// <summary>Counts a call that failed. Returns whether this failure opens the breaker.</summary>
    public bool Failed()
    {
        var window = Current();
        var calls = Interlocked.Increment(ref window.Calls);
        var failures = Interlocked.Increment(ref window.Failures);
        if (calls < _minimum || failures < calls * _ratio)
            return false;
        return Interlocked.CompareExchange(ref _window, new Window(_clock.Milliseconds), window) == window;
    }

    private Window Current()
    {
        var window = Volatile.Read(ref _window);
        var now = _clock.Milliseconds;
        if (now - window.Since < _length)
            return window;
        var fresh = new Window(now);
        var before = Interlocked.CompareExchange(ref _window, fresh, window);
        return before == window ? fresh : before;
    }

    private sealed class Window(long since)
    {
        public readonly long Since = since;
        public int Calls;
        public int Failures;
    }
}
