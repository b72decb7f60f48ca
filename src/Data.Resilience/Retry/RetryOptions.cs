namespace Data.Resilience.Retry;

/// <summary>How often, how long and how fast failed sessions are repeated.</summary>
public sealed class RetryOptions
{
    /// <summary>Gets or sets the number of retries, the first attempt not counted. Default 8. 0 to 100; 0 means never.</summary>
    public int MaxRetryAttempts { get; set; } = 8;

    /// <summary>Gets or sets the number of retries when the server is short of memory, disk or the like. Default 2. 0 to 100.</summary>
    public int MaxResourceRetryAttempts { get; set; } = 2;

    /// <summary>
    /// Gets or sets the ceiling of the first delay; it doubles with every retry and the delay is drawn uniformly below it. Default 50 ms. 1
    /// ms to 1 min.
    /// </summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets or sets the greatest ceiling. Default 2 s. From <see cref="BaseDelay"/> to 10 min.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the limit of one attempt, from asking for the connection to the end of the delegate. Default 15 s. 10 ms to 1 day.
    /// </summary>
    /// <remarks>The server enforces it too, as <c>statement_timeout</c>.</remarks>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets or sets the limit of all attempts and delays together; no attempt starts after it. Default 30 s. From
    /// <see cref="AttemptTimeout"/> to 1 day.
    /// </summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets for how long at least the outcome of a commit is looked for when its answer was lost, even beyond
    /// <see cref="TotalTimeout"/>. Default 10 s. 100 ms to 1 day.
    /// </summary>
    public TimeSpan CommitVerificationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the size of the retry budget in tokens; a fault of the database takes one, and below half nothing is retried. Default
    /// 100. 0 to 1,000,000; 0 means no budget.
    /// </summary>
    public int BudgetTokens { get; set; } = 100;

    /// <summary>Gets or sets the tokens that a success gives back. Default 0.1. 0.001 to 1.</summary>
    public double BudgetRefill { get; set; } = 0.1;

    /// <summary>Gets or sets the seed of the jitter; null (default) means unpredictable delays.</summary>
    public int? Seed { get; set; }
}
