namespace Data.Resilience.Pooling;

/// <summary>A pool at one moment.</summary>
public sealed record PoolStatistics
{
    /// <summary>Name of the database, as in metrics.</summary>
    public required string Name { get; init; }

    /// <summary>Connections that sessions hold.</summary>
    public required int BusyCount { get; init; }

    /// <summary>Open connections that no session holds, as Npgsql counts them.</summary>
    public required int IdleCount { get; init; }

    /// <summary>Sessions that wait for a connection.</summary>
    public required int WaitingCount { get; init; }

    /// <summary>Maximum number of connections.</summary>
    public required int MaxSize { get; init; }

    /// <summary>Sessions since the start that waited and got no connection.</summary>
    public required long ExhaustedCount { get; init; }

    /// <summary>Connections that could not be opened for another reason since the start.</summary>
    public required long FailureCount { get; init; }

    /// <summary>Connections now held for longer than the leak threshold.</summary>
    public required int LeakedCount { get; init; }
}
