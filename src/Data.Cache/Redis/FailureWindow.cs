namespace Data.Cache.Redis;

/// <summary>The circuit breaker's judgement: too large a share of the calls of the last while has failed.</summary>
/// <remarks>
/// What is open, and when it is tried again, is the link's to say: it probes by itself, so callers never have to. Every call counts here,
/// so counting costs one addition; a window that is over is replaced, and a call counted in the old one at that moment is lost.
/// </remarks>
internal sealed class FailureWindow(double ratio, int minimum, TimeSpan length)
{
    private readonly long _length = (long)length.TotalMilliseconds;
    private Window _window = new(Environment.TickCount64);

    public void Succeeded() => Interlocked.Increment(ref Current().Calls);

    /// <summary>Counts a failure. Returns whether the breaker opens by it.</summary>
    public bool Failed()
    {
        var window = Current();
        var calls = Interlocked.Increment(ref window.Calls);
        var failures = Interlocked.Increment(ref window.Failures);
        if (calls < minimum || failures < calls * ratio)
            return false;
        return Interlocked.CompareExchange(ref _window, new Window(Environment.TickCount64), window) == window;
    }

    private Window Current()
    {
        var window = Volatile.Read(ref _window);
        var now = Environment.TickCount64;
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
