namespace Data.Cache.Internal;

/// <summary>
/// The system's monotonic milliseconds for those who ask all the time: while they do, a thread notes the time and they only read the note.
/// </summary>
/// <remarks>
/// Asking the kernel costs a third of a local hit. The note is a few milliseconds old, as is the kernel's own coarse clock. The thread
/// sleeps unless the clock is asked more than once in a step of the kernel's clock, and goes back to sleep every second to see whether it
/// still is.
/// </remarks>
internal static class CoarseClock
{
    private const int StepMs = 5;
    private const int Steps = 200;
    private static readonly AutoResetEvent Wanted = new(initialState: false);
    private static long _note;
    private static long _lastAsked;
    private static int _started;

    public static long Milliseconds
    {
        get
        {
            // Zero stands for no note: the machine's first millisecond is long over.
            var note = Volatile.Read(ref _note);
            return note != 0 ? note : Ask();
        }
    }

    private static long Ask()
    {
        var now = Environment.TickCount64;
        if (Interlocked.Exchange(ref _lastAsked, now) == now)
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
                Volatile.Write(ref _note, Environment.TickCount64);
                Wanted.WaitOne(StepMs);
            }

            Volatile.Write(ref _note, 0);
        }
    }
}
