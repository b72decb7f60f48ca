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
    /// Time for which the circuit first stays open; it doubles with every failed probe. Default: 1 s. Range: 500 ms–1 day.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest time for which the circuit stays open before the next probe. Default: 30 s. Range: <see cref="BreakDuration"/>–1 day.
    /// </summary>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromSeconds(30);
}
