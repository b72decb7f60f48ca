namespace Data.Cache.Internal;

/// <summary>
/// The two orders of the cache: stamps, by the time of the server that holds a key, and epochs, of removals that span keys. See
/// Engine/design.md.
/// </summary>
internal sealed class StampClock
{
    private readonly TimeProvider _time;
    private readonly bool _hasTimedEpochs;
    private long _offset;
    private long _last;
    private long _epoch;

    /// <summary>Creates a clock.</summary>
    /// <param name="time">Source of time.</param>
    /// <param name="hasTimedEpochs">Whether epochs follow the time of day, because no server orders them between nodes.</param>
    public StampClock(TimeProvider time, bool hasTimedEpochs = false)
    {
        _time = time;
        _hasTimedEpochs = hasTimedEpochs;
        _offset = ((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - Monotonic;
    }

    /// <summary>The highest epoch observed.</summary>
    public long HighestEpoch => Volatile.Read(ref _epoch);

    /// <summary>The epoch of values that are read or made from now on.</summary>
    public long Epoch => Math.Max(Volatile.Read(ref _epoch) + 1, _hasTimedEpochs ? Now : 0);

    /// <summary>Microseconds that never jump, for spans.</summary>
    public long Monotonic => (long)(_time.GetTimestamp() * (1_000_000.0 / _time.TimestampFrequency));

    /// <summary>This node's estimate of the server's time.</summary>
    public long Now => Monotonic + Volatile.Read(ref _offset);

    /// <summary>Returns a stamp later than every stamp returned or observed here: an estimate of the server's time.</summary>
    public long Next()
    {
        var seen = Volatile.Read(ref _last);
        while (true)
        {
            var next = Math.Max(Now, seen + 1);
            var before = Interlocked.CompareExchange(ref _last, next, seen);
            if (before == seen)
                return next;
            seen = before;
        }
    }

    /// <summary>Observes a stamp that the server made just now.</summary>
    public void ObserveServerTime(long stamp)
    {
        Volatile.Write(ref _offset, stamp - Monotonic);
        Observe(stamp);
    }

    /// <summary>Observes a stamp made at any time.</summary>
    public void Observe(long stamp) => Raise(ref _last, stamp);

    /// <summary>Observes an epoch.</summary>
    public void ObserveEpoch(long epoch) => Raise(ref _epoch, epoch);

    /// <summary>Returns a new epoch of this node, for removals that no server orders.</summary>
    public long NextEpoch()
    {
        if (_hasTimedEpochs)
            ObserveEpoch(Now);
        return Interlocked.Increment(ref _epoch);
    }

    private static void Raise(ref long target, long value)
    {
        var seen = Volatile.Read(ref target);
        while (seen < value)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
