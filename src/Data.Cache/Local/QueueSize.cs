namespace Data.Cache.Local;

/// <summary>Bytes and number of the entries of several queues together. Guarded by the store's lock.</summary>
internal sealed class QueueSize
{
    public long Bytes { get; private set; }

    public int Count { get; private set; }

    public void Add(long bytes, int count)
    {
        Bytes += bytes;
        Count += count;
    }
}
