namespace Data.Cache.Redis;

/// <summary>A request for a lease whose caller may leave before it is answered: whoever comes last gives a granted lease back.</summary>
internal sealed class LeaseRequest
{
    private const int Answered = 1;
    private const int Abandoned = 2;
    private long _stamp;
    private int _state;

    /// <summary>Notes the answer.</summary>
    /// <param name="stamp">Stamp of the lease; 0 when it was not granted.</param>
    /// <returns>Whether the caller is still there; otherwise the lease is to be released.</returns>
    public bool TryAnswer(long stamp)
    {
        Volatile.Write(ref _stamp, stamp);
        return Interlocked.CompareExchange(ref _state, Answered, 0) == 0 || stamp == 0;
    }

    /// <summary>Notes that the caller has left.</summary>
    /// <returns>Stamp of a lease that was granted already and is to be released; 0 when there is none.</returns>
    public long Abandon() => Interlocked.CompareExchange(ref _state, Abandoned, 0) == Answered ? Volatile.Read(ref _stamp) : 0;
}
