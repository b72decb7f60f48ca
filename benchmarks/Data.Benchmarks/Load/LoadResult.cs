namespace Data.Benchmarks.Load;

/// <summary>
/// What a load run saw. Latencies are those of whole batches, in milliseconds; bytes are those that the whole process allocated meanwhile.
/// </summary>
internal sealed record LoadResult(long Requests, long Failures, TimeSpan Elapsed, LatencyHistogram Latency, long AllocatedBytes)
{
    public double PerSecond => Requests / Elapsed.TotalSeconds;
}
