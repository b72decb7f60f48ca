namespace Data.Resilience.CircuitBreaking;

/// <summary>Circuit-breaker settings of one data source.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Whether the circuit breaker is used. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Share of sessions failed by the database at which the circuit opens. Default: 0.5. Range: 0.001–1.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Share of slow sessions at which the circuit opens. Default: 0.9. Range: 0.001–1.</summary>
    public double SlowRatio { get; set; } = 0.9;

    /// <summary>Duration from which an attempt counts as slow. Default: 10 s. Range: 1 ms–1 day.</summary>
    public TimeSpan SlowThreshold { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Number of sessions within <see cref="SamplingDuration"/> below which the ratios are not evaluated. Default: 20. Range: 2–1,000,000.
    /// </summary>
    public int MinimumThroughput { get; set; } = 20;

    /// <summary>Length of the window over which the ratios are taken. Default: 10 s. Range: 500 ms–1 day.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time for which the circuit first stays open; it doubles with every failed probe. Default: 100 ms. Range: 10 ms–1 day.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Longest time for which the circuit stays open before the next probe. Default: 500 ms. Range: <see cref="BreakDuration"/>–1 day.
    /// </summary>
    /// <remarks>
    /// Waiting calls learn of the database's return up to this much late. It also bounds what a process asks of a dead database: a probe
    /// per break.
    /// </remarks>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether a call fails at once instead of waiting for the database: rejected while the circuit is open, and not retried while the
    /// retry budget is spent. Default: false.
    /// </summary>
    /// <remarks>
    /// By default such a call waits, without a thread or a connection, until a probe succeeds or its <c>TotalTimeout</c> is over, so that a
    /// shorter outage is an error to nobody. <c>DbSessionOptions.FailFast</c> sets it for one call.
    /// </remarks>
    public bool FailFast { get; set; }

    /// <summary>
    /// Number of calls that may wait for the database at a time; those beyond it are rejected, or fail with their last failure. Default:
    /// 10,000. Range: 1–1,000,000.
    /// </summary>
    public int QueueLimit { get; set; } = 10_000;
}
