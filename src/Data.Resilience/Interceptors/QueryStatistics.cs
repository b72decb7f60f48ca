namespace Data.Resilience.Interceptors;

/// <summary>One row of the top-queries table: what one fingerprint has cost since the start or the last reset.</summary>
public sealed record QueryStatistics
{
    /// <summary>The statement's shape.</summary>
    public required QueryFingerprint Fingerprint { get; init; }

    /// <summary>Executions, failed ones included.</summary>
    public required long Count { get; init; }

    /// <summary>Executions that ended in an exception, time-outs included.</summary>
    public required long FailureCount { get; init; }

    /// <summary>Time spent waiting for the database, over all executions.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>Mean time of an execution.</summary>
    public required TimeSpan Mean { get; init; }

    /// <summary>95th percentile of the time of an execution, at most a quarter too high.</summary>
    public required TimeSpan P95 { get; init; }

    /// <summary>The slowest execution.</summary>
    public required TimeSpan Max { get; init; }

    /// <summary>Rows read by the application, plus rows that writes reported as affected.</summary>
    public required long RowCount { get; init; }

    /// <summary>The plan captured for its last slow execution, without the caller's values; null when none was.</summary>
    public string? Plan { get; init; }
}
