using System.Numerics;

namespace Data.Resilience.Interceptors;

/// <summary>Running totals of one fingerprint. Lock-free; a reader may see a command's count a moment before its time.</summary>
internal sealed class StatementStatistics(QueryFingerprint fingerprint)
{
    // Four buckets per power of two of microseconds: a percentile is off by at most a quarter.
    private const int SubBucketBits = 2;
    private const int BucketCount = 40 << SubBucketBits;

    private readonly long[] _buckets = new long[BucketCount];
    private long _count;
    private long _failures;
    private long _totalTicks;
    private long _maxTicks;
    private long _rows;

    public QueryFingerprint Fingerprint { get; } = fingerprint;

    /// <summary>Timestamp after which the next slow entry of this fingerprint may be logged.</summary>
    public long NextLogTimestamp;

    /// <summary>Slow commands not logged since the last entry.</summary>
    public int SuppressedCount;

    /// <summary>The last captured plan.</summary>
    public string? Plan { get; set; }

    public long TotalTicks => Volatile.Read(ref _totalTicks);

    public void Record(TimeSpan duration, bool failed)
    {
        var ticks = duration.Ticks;
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _totalTicks, ticks);
        Interlocked.Increment(ref _buckets[BucketOf(ticks / TimeSpan.TicksPerMicrosecond)]);
        if (failed)
            Interlocked.Increment(ref _failures);
        var max = Volatile.Read(ref _maxTicks);
        while (ticks > max)
        {
            var seen = Interlocked.CompareExchange(ref _maxTicks, ticks, max);
            if (seen == max)
                break;
            max = seen;
        }
    }

    public void AddRows(long rows) => Interlocked.Add(ref _rows, rows);

    public void Clear()
    {
        Interlocked.Exchange(ref _count, 0);
        Interlocked.Exchange(ref _failures, 0);
        Interlocked.Exchange(ref _totalTicks, 0);
        Interlocked.Exchange(ref _maxTicks, 0);
        Interlocked.Exchange(ref _rows, 0);
        for (var i = 0; i < BucketCount; i++)
            Interlocked.Exchange(ref _buckets[i], 0);
    }

    public QueryStatistics Snapshot()
    {
        var count = Volatile.Read(ref _count);
        var total = TotalTicks;
        var max = TimeSpan.FromTicks(Volatile.Read(ref _maxTicks));
        var p95 = Percentile(0.95);
        return new QueryStatistics
        {
            Fingerprint = Fingerprint,
            Count = count,
            FailureCount = Volatile.Read(ref _failures),
            Total = TimeSpan.FromTicks(total),
            Mean = count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(total / count),
            P95 = p95 < max ? p95 : max,
            Max = max,
            RowCount = Volatile.Read(ref _rows),
            Plan = Plan,
        };
    }

    private TimeSpan Percentile(double fraction)
    {
        var total = 0L;
        foreach (ref readonly var bucket in _buckets.AsSpan())
            total += Volatile.Read(in bucket);
        var rank = (long)Math.Ceiling(total * fraction);
        var seen = 0L;
        for (var i = 0; i < BucketCount; i++)
        {
            seen += Volatile.Read(in _buckets[i]);
            if (seen >= rank && seen > 0)
                return TimeSpan.FromMicroseconds(UpperBoundOf(i));
        }

        return TimeSpan.Zero;
    }

    private static int BucketOf(long microseconds)
    {
        if (microseconds < 1 << SubBucketBits)
            return (int)Math.Max(microseconds, 0);
        var exponent = BitOperations.Log2((ulong)microseconds);
        var sub = (int)(microseconds >> (exponent - SubBucketBits)) & ((1 << SubBucketBits) - 1);
        return Math.Min(((exponent - SubBucketBits + 1) << SubBucketBits) + sub, BucketCount - 1);
    }

    private static double UpperBoundOf(int bucket)
    {
        if (bucket < 1 << SubBucketBits)
            return bucket + 1;
        var exponent = (bucket >> SubBucketBits) + SubBucketBits - 1;
        var sub = bucket & ((1 << SubBucketBits) - 1);
        return Math.ScaleB((1 << SubBucketBits) + sub + 1, exponent - SubBucketBits);
    }
}
