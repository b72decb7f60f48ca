using System.Data;

namespace Data.Resilience.Sessions;

/// <summary>Settings of one session; a null property takes the value configured for the data source.</summary>
/// <remarks>Immutable and thread-safe: keep one static instance per kind of call instead of creating one per call.</remarks>
public sealed class DbSessionOptions
{
    /// <summary>Longest idempotency key, and longest fingerprint, in characters.</summary>
    public const int MaxIdempotencyKeyLength = 200;

    internal static readonly DbSessionOptions Default = new();

    /// <summary>Isolation level of the transaction. Default: null (Read Committed for writes, no transaction for reads).</summary>
    /// <remarks>A read session given a level runs in a READ ONLY transaction of that level: one snapshot for all its queries.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">PostgreSQL has no such level.</exception>
    public IsolationLevel? IsolationLevel
    {
        get;
        init => field = value is null or System.Data.IsolationLevel.Unspecified or System.Data.IsolationLevel.ReadUncommitted
            or System.Data.IsolationLevel.ReadCommitted or System.Data.IsolationLevel.RepeatableRead
            or System.Data.IsolationLevel.Snapshot or System.Data.IsolationLevel.Serializable
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                "PostgreSQL has no such isolation level. Use ReadCommitted, RepeatableRead (or Snapshot, the same) or Serializable.");
    }

    /// <summary>Freshness that a read requires; ignored by write sessions. Default: null (<see cref="ReadConsistency.Strong"/>).</summary>
    public ReadConsistency? Consistency { get; init; }

    /// <summary>Low-cardinality name of the operation for logs, metrics and traces. Default: null (none).</summary>
    public string? Name { get; init; }

    /// <summary>Time limit of one attempt, and once more of its COMMIT. Default: null (the configured limit). Range: positive.</summary>
    /// <remarks>
    /// A limit longer than the configured one is also sent to the server, as <c>statement_timeout</c>, with the start of the transaction; a
    /// read session runs in a transaction for that, which costs two round trips. It is the <c>CommandTimeout</c> of the session's context.
    /// A command created on the bare connection keeps the <c>Command Timeout</c> of the connection, which is at most the configured limit:
    /// set its own.
    /// </remarks>
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

    /// <summary>
    /// Key under which a write takes effect once, however often it is called: a call that repeats the key gets the stored result and its
    /// delegate does not run. Default: null (none). Range: 1–200 characters without the null character.
    /// </summary>
    /// <remarks>
    /// The key is recorded in the transaction of the write, without an added round trip; a write that is rolled back leaves no trace of it.
    /// A concurrent call with the same key waits for the end of the first one, at most for its own <c>AttemptTimeout</c>. A commit whose
    /// outcome cannot be found out by transaction id, for instance after a promotion, is settled by the key within <c>TotalTimeout</c> and
    /// <c>MaxRetryAttempts</c>. Under tenancy the key belongs to the tenant. Needs <c>AddIdempotency</c> and the table of
    /// <c>CreateIdempotencyKeys</c>. Read sessions take no key, and a call that joins an open session takes none but that session's own.
    /// Different operations need different keys: put the operation's name into the key or into <see cref="IdempotencyFingerprint"/>.
    /// </remarks>
    /// <exception cref="ArgumentException">The value is empty, too long, or has no form in UTF-8.</exception>
    public string? IdempotencyKey
    {
        get;
        init => field = value is "" ? throw new ArgumentException("An idempotency key is not empty.", nameof(value)) : Checked(value);
    }

    /// <summary>
    /// Identity of the request, such as a hash of its body: a call that repeats the key with another fingerprint, or with none where there
    /// was one, fails with <see cref="Data.Resilience.Idempotency.IdempotencyConflictException"/>. Default: null (none). Range: up to 200
    /// characters without the null character.
    /// </summary>
    /// <exception cref="ArgumentException">The value is too long, or has no form in UTF-8.</exception>
    public string? IdempotencyFingerprint { get; init => field = Checked(value); }

    private static string? Checked(string? value)
    {
        if (value is not null && (value.Length > MaxIdempotencyKeyLength || !SessionText.IsStorable(value)))
        {
            // Not the value itself, which may come from a client.
            throw new ArgumentException(
                "An idempotency key or fingerprint has at most 200 characters, no null character and no unpaired surrogate.",
                nameof(value));
        }

        return value;
    }
}
