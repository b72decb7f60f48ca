namespace Data.Cache.Internal;

/// <summary>Stamps in microseconds since 1970 that follow Redis where it was heard, and never repeat or run backwards in this process.</summary>
/// <remarks>
/// Between two words from Redis the time goes on by the monotonic timer, so a jump of the machine's clock changes nothing. Every stamp
/// heard raises the floor (Kulkarni et al.: Logical physical clocks, 2014), so what this node does next comes after all it has seen.
/// </remarks>
internal sealed class StampClock
{
    private readonly TimeProvider _time;
    private long _offset;
    private long _last;

    public StampClock(TimeProvider time)
    {
        _time = time;
        _offset = ((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - Monotonic();
    }

    /// <summary>The highest stamp given or heard.</summary>
    public long Floor => Volatile.Read(ref _last);

    /// <summary>The server's time now, as well as this node knows it.</summary>
    public long Now => Monotonic() + Volatile.Read(ref _offset);

    /// <summary>A stamp after all others.</summary>
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

    /// <summary>Hears a stamp that the server made just now.</summary>
    public void HeardNow(long stamp)
    {
        Volatile.Write(ref _offset, stamp - Monotonic());
        Heard(stamp);
    }

    /// <summary>Hears a stamp made at any time.</summary>
    public void Heard(long stamp)
    {
        var seen = Volatile.Read(ref _last);
        while (seen < stamp)
        {
            var before = Interlocked.CompareExchange(ref _last, stamp, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    private long Monotonic() => (long)(_time.GetTimestamp() * (1_000_000.0 / _time.TimestampFrequency));
}
