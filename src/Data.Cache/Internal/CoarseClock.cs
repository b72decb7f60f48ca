namespace Data.Cache.Internal;

/// <summary>
/// The monotonic milliseconds of the system's time provider for frequent readers: a thread publishes the time, and readers only read a
/// field.
/// </summary>
/// <remarks>
/// A call to the kernel costs a third of a local hit. The published time is at most a few milliseconds old. The thread sleeps unless the
/// clock is read more than once within a step, and checks every second whether it still is. It is a thread and not a timer, because timers
/// run on the thread pool: a busy pool would stop the clock.
/// </remarks>
internal static class CoarseClock
{
    private const int StepMs = 5;
    private const int Steps = 200;

#pragma warning disable RS0030 // The one clock that is bound to the system's provider; readers of other providers do not come here.
    private static readonly TimeProvider Provider = TimeProvider.System;
#pragma warning restore RS0030
    private static readonly AutoResetEvent Wanted = new(initialState: false);
    private static readonly double MillisecondsPerTick = 1000.0 / Provider.TimestampFrequency;
    private static long _published;
    private static long _lastStep;
    private static int _started;

    public static long Milliseconds
    {
        get
        {
            // Zero means not published: the first millisecond after the machine's start is over.
            var published = Volatile.Read(ref _published);
            return published != 0 ? published : Ask();
        }
    }

    /// <summary>Whether this clock tells the time of a provider.</summary>
    public static bool IsOf(TimeProvider provider) => ReferenceEquals(provider, Provider);

    private static long Ask()
    {
        var now = Now();
        var step = now / StepMs;
        if (Interlocked.Exchange(ref _lastStep, step) == step)
        {
            if (Interlocked.Exchange(ref _started, 1) == 0)
                new Thread(Run) { IsBackground = true, Name = "Data.Cache clock" }.Start();
            Wanted.Set();
        }

        return now;
    }

    private static void Run()
    {
        while (true)
        {
            Wanted.WaitOne();
            for (var i = 0; i < Steps; i++)
            {
                Volatile.Write(ref _published, Now());
                Wanted.WaitOne(StepMs);
            }

            Volatile.Write(ref _published, 0);
        }
    }

    private static long Now() => (long)(Provider.GetTimestamp() * MillisecondsPerTick);
}
