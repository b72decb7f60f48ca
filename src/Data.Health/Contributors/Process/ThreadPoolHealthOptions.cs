namespace Data.Health.Contributors.Process;

/// <summary>Limits for how long a work item waits for a thread of the pool.</summary>
public sealed class ThreadPoolHealthOptions : IContributorSettings
{
    /// <summary>Wait from which it is degraded. Default 250 ms; 1 ms to 1 minute.</summary>
    public TimeSpan DegradedDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Wait from which it is unhealthy. Default 2 s; 1 ms to 1 minute, not below <see cref="DegradedDelay"/>.</summary>
    public TimeSpan UnhealthyDelay { get; set; } = TimeSpan.FromSeconds(2);

    IEnumerable<string> IContributorSettings.Errors()
    {
        var (min, max) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        var errors = Ranges.Span(nameof(DegradedDelay), DegradedDelay, min, max)
            .Concat(Ranges.Span(nameof(UnhealthyDelay), UnhealthyDelay, min, max));
        return DegradedDelay > UnhealthyDelay ? errors.Append("DegradedDelay must not exceed UnhealthyDelay.") : errors;
    }
}
