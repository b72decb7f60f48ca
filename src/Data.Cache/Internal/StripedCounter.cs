namespace Data.Cache.Internal;

/// <summary>A counter that many cores increment without sharing a cache line.</summary>
internal sealed class StripedCounter
{
    // 16 longs are two cache lines: the adjacent-line prefetcher would otherwise make neighbours share.
    private const int Spacing = 16;
    private static readonly int Mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 64))
        - 1;
    private readonly long[] _cells = new long[(Mask + 2) * Spacing];

    public long Value
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i <= Mask; i++)
                sum += Volatile.Read(ref _cells[(i + 1) * Spacing]);
            return sum;
        }
    }

    public void Increment() => Interlocked.Increment(ref _cells[((Thread.GetCurrentProcessorId() & Mask) + 1) * Spacing]);

    public void Add(long value) => Interlocked.Add(ref _cells[((Thread.GetCurrentProcessorId() & Mask) + 1) * Spacing], value);
}
