namespace Data.Resilience.Pooling;

/// <summary>
/// Thrown when no connection became free in time: sessions hold every connection of the pool. The database itself may be healthy.
/// </summary>
/// <remarks>Never thrown for a slow command or an unreachable server. Nothing was sent.</remarks>
public sealed class PoolExhaustedException : DataResilienceException
{
    internal PoolExhaustedException(
        string pool,
        int maxSize,
        int waitingCount,
        TimeSpan waited,
        IReadOnlyList<HeldConnection> longestHeld,
        Exception innerException)
        : base(
            $"No connection of pool {pool} became free within {waited.TotalSeconds:0.0} s: {maxSize} are in use, {waitingCount} more "
            + "callers wait. "
            + $"Held the longest: {Describe(longestHeld)}. Hold sessions shorter, or raise PoolOptions.MaxSize.",
            innerException)
    {
        PoolName = pool;
        MaxSize = maxSize;
        WaitingCount = waitingCount;
        Waited = waited;
        LongestHeld = longestHeld;
    }

    /// <summary>Name of the database.</summary>
    public string PoolName { get; }

    /// <summary>Maximum number of connections; all of them were in use.</summary>
    public int MaxSize { get; }

    /// <summary>Number of other callers that were waiting.</summary>
    public int WaitingCount { get; }

    /// <summary>Time for which this caller waited.</summary>
    public TimeSpan Waited { get; }

    /// <summary>Connections that have been held the longest: at most five, the longest held first.</summary>
    public IReadOnlyList<HeldConnection> LongestHeld { get; }

    private static string Describe(IReadOnlyList<HeldConnection> connections) =>
        connections.Count == 0 ?
            "unknown" :
            string.Join(", ", connections.Select(c => $"{c.Session ?? "unnamed session"} for {c.Held.TotalSeconds:0.0} s"));
}
