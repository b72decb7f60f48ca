namespace Data.Cache.Internal;

/// <summary>The two orders the cache lives by: stamps of single keys, and epochs of everything that spans keys.</summary>
/// <remarks>
/// <para>
/// Stamps are microseconds since 1970 by the clock of the server that holds the key, so two stamps of one key always compare, also in a
/// cluster whose primaries disagree about the time. Between two words from Redis the time goes on by the monotonic timer, so a jump of
/// this machine's clock changes nothing. What <see cref="Next"/> gives is an estimate, and is marked as one where it is kept.
/// </para>
/// <para>
/// Epochs order removals that span keys (tags, patterns). One key of Redis, whose primary is their only source, hands them out in strictly
/// rising order. A value's epoch is one more than the last epoch heard before the value was read or made. The source has passed that point
/// only if this node has missed something, so a removal acknowledged later always bears an epoch at least as high: a logical clock
/// (Lamport: Time, clocks, and the ordering of events, 1978; Kulkarni et al.: Logical physical clocks, 2014) that can err towards a miss
/// only.
/// </para>
/// </remarks>
internal sealed class StampClock
{
    private readonly TimeProvider _time;
    private long _offset;
    private long _last;
    private long _epoch;

    public StampClock(TimeProvider time)
    {
        _time = time;
        _offset = ((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - Monotonic;
    }

    /// <summary>The highest epoch heard.</summary>
    public long HeardEpoch => Volatile.Read(ref _epoch);

    /// <summary>The epoch of what is read or made from now on.</summary>
    public long Epoch => Volatile.Read(ref _epoch) + 1;

    /// <summary>Microseconds that only ever pass; for spans.</summary>
    public long Monotonic => (long)(_time.GetTimestamp() * (1_000_000.0 / _time.TimestampFrequency));

    /// <summary>The server's time now, as well as this node knows it.</summary>
    public long Now => Monotonic + Volatile.Read(ref _offset);

    /// <summary>A stamp after all others given or heard here: an estimate of the server's time.</summary>
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
        Volatile.Write(ref _offset, stamp - Monotonic);
        Heard(stamp);
    }

    /// <summary>Hears a stamp made at any time.</summary>
    public void Heard(long stamp) => Raise(ref _last, stamp);

    /// <summary>Hears an epoch.</summary>
    public void HearEpoch(long epoch) => Raise(ref _epoch, epoch);

    /// <summary>An epoch made here, for removals that Redis cannot be asked about.</summary>
    public long NextEpoch() => Interlocked.Increment(ref _epoch);

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
