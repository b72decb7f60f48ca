using System.Data;

namespace Data.Resilience.Sessions;

/// <summary>Settings of one session; everything left null takes the value configured for the data source.</summary>
/// <remarks>Immutable and safe to share: keep one static instance per kind of call instead of making one per call.</remarks>
public sealed class DbSessionOptions
{
    internal static readonly DbSessionOptions Default = new();

    /// <summary>
    /// Gets the transaction's isolation level; null (default) means Read Committed for writes and no transaction for reads.
    /// </summary>
    /// <remarks>A read session given a level runs in a READ ONLY transaction of that level: one snapshot for all its queries.</remarks>
    public IsolationLevel? IsolationLevel { get; init; }

    /// <summary>
    /// Gets how fresh a read must be; null (default) means <see cref="ReadConsistency.Strong"/>. Ignored by write sessions.
    /// </summary>
    public ReadConsistency? Consistency { get; init; }

    /// <summary>Gets a low-cardinality name of the operation for logs, metrics and traces; null (default) means none.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the limit of one attempt; null (default) means the configured one. Positive.</summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>Gets the limit of all attempts and delays together; null (default) means the configured one. Positive.</summary>
    public TimeSpan? TotalTimeout { get; init; }

    /// <summary>
    /// Gets the number of retries, the first attempt not counted; null (default) means the configured one. 0 means never. 0 to 100.
    /// </summary>
    public int? MaxRetryAttempts { get; init; }

    /// <summary>
    /// Gets whether a unique (23505) or exclusion (23P01) violation is retried, as it can be a serialisation failure in disguise. Default
    /// false.
    /// </summary>
    public bool RetryUniqueViolations { get; init; }

    /// <summary>Gets whether <see cref="DbCommit.Lsn"/> is captured with the commit, at no added round trip. Default false.</summary>
    public bool CaptureCommitLsn { get; init; }
}
