namespace Data.Resilience.Pooling;

/// <summary>
/// Thrown when no connection became free in time. The database may be well: somebody holds too many connections for too long.
/// </summary>
/// <remarks>Never thrown for a slow command or an unreachable server. Nothing was sent.</remarks>
public sealed class PoolExhaustedException : Exception
{
    internal PoolExhaustedException(
        string pool,
        int maxSize,
        int waitingCount,
        TimeSpan waited,
        IReadOnlyList<PoolHolder> oldest,
        Exception innerException)
        : base(
            $"No connection of pool {pool} became free within {waited.TotalSeconds:0.0} s: {maxSize} are in use, {waitingCount} more "
            + "callers wait. "
            + $"Held the longest: {Describe(oldest)}. Hold sessions shorter, or raise PoolOptions.MaxSize.",
            innerException)
    {
        PoolName = pool;
        MaxSize = maxSize;
        WaitingCount = waitingCount;
        Waited = waited;
        OldestHolders = oldest;
    }

    /// <summary>The database's name.</summary>
    public string PoolName { get; }

    /// <summary>Most connections there can be; all of them were in use.</summary>
    public int MaxSize { get; }

    /// <summary>Other callers that were waiting.</summary>
    public int WaitingCount { get; }

    /// <summary>How long this one waited.</summary>
    public TimeSpan Waited { get; }

    /// <summary>Those who have held a connection the longest, at most five, the oldest first.</summary>
    public IReadOnlyList<PoolHolder> OldestHolders { get; }

    private static string Describe(IReadOnlyList<PoolHolder> holders) =>
        holders.Count == 0 ?
            "unknown" :
            string.Join(", ", holders.Select(h => $"{h.Session ?? "unnamed session"} for {h.Held.TotalSeconds:0.0} s"));
}
