using System.Numerics;

namespace Data.Benchmarks.Load;

/// <summary>
/// Counts latencies in buckets of about 3 % width (32 per power of two of microseconds), so that recording costs nanoseconds.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private readonly long[] _counts = new long[(64 - SubBits) << SubBits];

    public long Count { get; private set; }

    public void Record(TimeSpan latency, long times = 1)
    {
        _counts[BucketOf((long)latency.TotalMicroseconds)] += times;
        Count += times;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
    }

    /// <summary>The latency in milliseconds that a share of the requests did not exceed.</summary>
    public double Percentile(double percent)
    {
        var rank = (long)Math.Ceiling(Count * percent / 100);
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank && seen > 0)
                return UpperBound(i) / 1000.0;
        }

        return 0;
    }

    private static int BucketOf(long microseconds)
    {
        if (microseconds < 1 << SubBits)
            return (int)Math.Max(0, microseconds);
        var shift = BitOperations.Log2((ulong)microseconds) - SubBits;
        return ((shift + 1) << SubBits) + (int)((microseconds >> shift) - (1 << SubBits));
    }

    private static double UpperBound(int bucket)
    {
        if (bucket < 1 << SubBits)
            return bucket + 1;
        var shift = (bucket >> SubBits) - 1;
        return ((bucket & ((1 << SubBits) - 1)) + (1 << SubBits) + 1.0) * (1L << shift);
    }
}
