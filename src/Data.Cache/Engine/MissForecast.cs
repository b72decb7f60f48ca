namespace Data.Cache.Engine;

/// <summary>Whether a read of Redis that may run a factory will probably find nothing, judged by those before it.</summary>
/// <remarks>
/// Safe for concurrent use; a lost update costs nothing but a little sharpness. A read that asks for the lease too saves a round trip when
/// it misses, and costs the server a script when it hits.
/// </remarks>
internal sealed class MissForecast
{
    private const int Whole = 1 << 16;
    private const int Memory = 16;
    private int _misses;

    public bool IsLikely => Volatile.Read(ref _misses) > Whole / 2;

    public void Add(bool missed)
    {
        var misses = Volatile.Read(ref _misses);
        Volatile.Write(ref _misses, misses + (((missed ? Whole : 0) - misses) / Memory));
    }
}
