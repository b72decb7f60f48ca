namespace Data.Health.Starvation;

/// <summary>
/// How long work waits for a thread of the pool: now, and at worst since a moment of the last minute. Whoever calls <see cref="Sample"/>
/// does so from a thread of its own, so that the pool cannot delay its own measurement.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PoolLag(TimeProvider time, Action<Action> enqueue)
{
    /// <summary>Delay at which the process counts as too late to judge others.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    private const int Kept = 256;
    private readonly Lock _lock = new();
    private readonly (long At, TimeSpan Delay)[] _samples = new (long, TimeSpan)[Kept];
    private int _count;
    private long? _waitingSince;

    /// <summary>The lag of the process's thread pool.</summary>
    public static PoolLag OfProcess(TimeProvider time) =>
        // To the global queue, where requests wait; a local one is served by its own thread next.
        new(time, static work => ThreadPool.UnsafeQueueUserWorkItem(static w => w(), work, preferLocal: false));

    /// <summary>Delay of the work item that waits, or else of the last one.</summary>
    public TimeSpan Current
    {
        get
        {
            lock (_lock)
            {
                var last = _count == 0 ? TimeSpan.Zero : _samples[(_count - 1) % Kept].Delay;
                return Waiting() is var waiting && waiting > last ? waiting : last;
            }
        }
    }

    /// <summary>Queues a work item, unless the last one still waits.</summary>
    public void Sample()
    {
        lock (_lock)
        {
            if (_waitingSince is not null)
                return;
            _waitingSince = time.GetTimestamp();
        }

        enqueue(Ran);
    }

    /// <summary>The start of a span for <see cref="WorstSince"/>.</summary>
    public long Mark() => time.GetTimestamp();

    /// <summary>The longest delay of a work item that waited at some time since the mark.</summary>
    public TimeSpan WorstSince(long mark)
    {
        lock (_lock)
        {
            var worst = Waiting();
            for (var i = Math.Max(0, _count - Kept); i < _count; i++)
            {
                var (at, delay) = _samples[i % Kept];
                if (at >= mark && delay > worst)
                    worst = delay;
            }

            return worst;
        }
    }

    /// <summary>The longest delay within the last span.</summary>
    public TimeSpan WorstWithin(TimeSpan span) => WorstSince(Mark() - (long)(span.TotalSeconds * time.TimestampFrequency));

    private TimeSpan Waiting() => _waitingSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    private void Ran()
    {
        lock (_lock)
        {
            _samples[_count % Kept] = (time.GetTimestamp(), Waiting());
            _count = _count == 2 * Kept - 1 ? Kept : _count + 1;
            _waitingSince = null;
        }
    }
}
