namespace Data.Health.Contributors.Process;

/// <summary>Limits for the time that a work item waits for a thread of the pool.</summary>
public sealed class ThreadPoolHealthOptions : IContributorSettings
{
    /// <summary>Wait at which it is degraded. Default: 250 ms. Range: 1 ms–1 min.</summary>
    public TimeSpan DegradedDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Wait at which it is unhealthy. Default: 2 s. Range: <see cref="DegradedDelay"/>–1 min.</summary>
    public TimeSpan UnhealthyDelay { get; set; } = TimeSpan.FromSeconds(2);

    IEnumerable<string> IContributorSettings.Errors()
    {
        var (min, max) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        var errors = Ranges.Span(nameof(DegradedDelay), DegradedDelay, min, max)
            .Concat(Ranges.Span(nameof(UnhealthyDelay), UnhealthyDelay, min, max));
        return DegradedDelay > UnhealthyDelay ? errors.Append("DegradedDelay must not exceed UnhealthyDelay.") : errors;
    }
}
