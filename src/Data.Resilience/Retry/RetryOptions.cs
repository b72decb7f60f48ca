namespace Data.Resilience.Retry;

/// <summary>Settings of the retries of failed sessions.</summary>
public sealed class RetryOptions
{
    /// <summary>Number of retries, not counting the first attempt; 0 means none. Default: 100. Range: 0–100.</summary>
    /// <remarks>
    /// With the default, <see cref="TotalTimeout"/> decides how long an outage is borne. Waiting for the database to answer is no attempt.
    /// </remarks>
    public int MaxRetryAttempts { get; set; } = 100;

    /// <summary>
    /// Number of retries after conflicts with other transactions, and after unique violations that a call has retried; at most
    /// <see cref="MaxRetryAttempts"/> are made. Default: 8. Range: 0–100.
    /// </summary>
    /// <remarks>A number given with the call, <c>DbSessionOptions.MaxRetryAttempts</c>, takes the place of both.</remarks>
    public int MaxConflictRetryAttempts { get; set; } = 8;

    /// <summary>Number of retries when the server is short of memory, disk space or another resource. Default: 2. Range: 0–100.</summary>
    public int MaxResourceRetryAttempts { get; set; } = 2;

    /// <summary>
    /// Upper bound of the first delay. It doubles with every retry, and each delay is drawn uniformly below it. Default: 50 ms. Range: 1
    /// ms–1 min.
    /// </summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Greatest upper bound of a delay. Default: 2 s. Range: <see cref="BaseDelay"/>–10 min.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Time limit of one attempt, from the request for a connection to the end of the delegate. Default: 15 s. Range: 10 ms–1 day.
    /// </summary>
    /// <remarks>
    /// The attempt's token is cancelled at the limit; <see cref="TotalTimeout"/> ends an attempt earlier. A delegate that does not return
    /// within a quarter of the limit (at most 1 s) after that is abandoned: the caller gets a <see cref="TimeoutException"/>, nothing is
    /// committed or retried, and the connection is closed when the delegate ends. COMMIT gets the same limit once more. The server enforces
    /// the limit too, as <c>statement_timeout</c>, and the driver's <c>Timeout</c>, <c>Command Timeout</c> and <c>Cancellation Timeout</c>
    /// are shortened to it. A delegate that blocks its thread in synchronous calls is ended by the driver's limits alone.
    /// </remarks>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Time limit of all attempts and delays together; no attempt starts after it. Default: 30 s. Range: <see cref="AttemptTimeout"/>–1
    /// day.
    /// </summary>
    /// <remarks>
    /// No call takes longer than <see cref="TotalTimeout"/> + <see cref="AttemptTimeout"/> + <see cref="CommitVerificationTimeout"/>,
    /// also against a server that never answers: COMMIT is sent before the first of the three is over.
    /// </remarks>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Minimum time spent on finding out the outcome of a commit whose answer was lost, even beyond <see cref="TotalTimeout"/>. Default: 10
    /// s. Range: 100 ms–1 day.
    /// </summary>
    public TimeSpan CommitVerificationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Size of the retry budget in tokens; 0 means no budget. Each fault of the database takes a token. At half or below, retries wait and
    /// are made one at a time until one succeeds, or are not made at all with <c>CircuitBreaker:FailFast</c>. Default: 100. Range:
    /// 0–1,000,000.
    /// </summary>
    public int BudgetTokens { get; set; } = 100;

    /// <summary>Tokens that each success returns to the budget. Default: 0.1. Range: 0.001–1.</summary>
    public double BudgetRefill { get; set; } = 0.1;

    /// <summary>Seed of the jitter, for reproducible delays in tests. Default: null (random).</summary>
    public int? Seed { get; set; }
}
