namespace Data.Resilience.CircuitBreaking;

/// <summary>When a data source in trouble is left alone, and for how long.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Gets or sets whether there is a breaker. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Gets or sets the share of sessions failed by the database at which the circuit opens. Default 0.5. Above 0, at most 1.
    /// </summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Gets or sets the share of slow sessions at which the circuit opens. Default 0.9. Above 0, at most 1.</summary>
    public double SlowRatio { get; set; } = 0.9;

    /// <summary>Gets or sets from what duration a session attempt counts as slow. Default 10 s. Positive.</summary>
    public TimeSpan SlowThreshold { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the number of sessions within <see cref="SamplingDuration"/> below which no ratio is judged. Default 20. 2 to
    /// 1,000,000.
    /// </summary>
    public int MinimumThroughput { get; set; } = 20;

    /// <summary>Gets or sets the window over which the ratios are taken. Default 10 s. 500 ms to 1 day.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how long the circuit first stays open; it doubles with every probe that fails. Default 1 s. 500 ms to 1 day.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest break. Default 30 s. From <see cref="BreakDuration"/> to 1 day.</summary>
    public TimeSpan MaxBreakDuration { get; set; } = TimeSpan.FromSeconds(30);
}
