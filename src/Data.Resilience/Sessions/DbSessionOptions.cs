using System.Data;

namespace Data.Resilience.Sessions;

/// <summary>Settings of one session; a null property takes the value configured for the data source.</summary>
/// <remarks>Immutable and thread-safe: keep one static instance per kind of call instead of creating one per call.</remarks>
public sealed class DbSessionOptions
{
    internal static readonly DbSessionOptions Default = new();

    /// <summary>Isolation level of the transaction. Default: null (Read Committed for writes, no transaction for reads).</summary>
    /// <remarks>A read session given a level runs in a READ ONLY transaction of that level: one snapshot for all its queries.</remarks>
    public IsolationLevel? IsolationLevel { get; init; }

    /// <summary>Freshness that a read requires; ignored by write sessions. Default: null (<see cref="ReadConsistency.Strong"/>).</summary>
    public ReadConsistency? Consistency { get; init; }

    /// <summary>Low-cardinality name of the operation for logs, metrics and traces. Default: null (none).</summary>
    public string? Name { get; init; }

    /// <summary>Time limit of one attempt. Default: null (the configured limit). Range: positive.</summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>Time limit of all attempts and delays together. Default: null (the configured limit). Range: positive.</summary>
    public TimeSpan? TotalTimeout { get; init; }

    /// <summary>
    /// Number of retries, not counting the first attempt; 0 means none. Default: null (the configured numbers). Range: 0–100.
    /// </summary>
    public int? MaxRetryAttempts { get; init; }

    /// <summary>
    /// Whether the call fails at once instead of waiting while the circuit is open or the retry budget is spent. Default: null
    /// (<c>CircuitBreaker:FailFast</c>).
    /// </summary>
    public bool? FailFast { get; init; }

    /// <summary>
    /// Whether a unique (23505) or exclusion (23P01) violation is retried: under concurrency it can be an undetected serialization failure.
    /// Default: false.
    /// </summary>
    public bool RetryUniqueViolations { get; init; }

    /// <summary>Whether <see cref="DbCommit.Lsn"/> is captured with the commit, without an added round trip. Default: false.</summary>
    public bool CaptureCommitLsn { get; init; }
}
