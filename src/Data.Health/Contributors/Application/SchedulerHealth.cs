namespace Data.Health.Contributors.Application;

/// <summary>The state that a scheduler reports.</summary>
/// <param name="LastRun">When a job last ended; <see langword="null"/> if none has run yet.</param>
/// <param name="Misfires">Runs that were late or missed since the scheduler began to count.</param>
public readonly record struct SchedulerHealth(DateTimeOffset? LastRun, long Misfires);

/// <summary>Limits for a scheduler.</summary>
public sealed class SchedulerHealthOptions : IContributorSettings
{
    /// <summary>
    /// Longest time without a run before it is unhealthy, counted from the start until the first run. Default: 1 h. Range: 1 s–366 days.
    /// </summary>
    public TimeSpan MaxSilence { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Misfires since the last evaluation at which it is degraded. Default: 1. Range: at least 1.</summary>
    public int DegradedMisfires { get; set; } = 1;

    IEnumerable<string> IContributorSettings.Errors() =>
        Ranges.Span(nameof(MaxSilence), MaxSilence, TimeSpan.FromSeconds(1), TimeSpan.FromDays(366))
            .Concat(Ranges.AtLeast(nameof(DegradedMisfires), DegradedMisfires, 1));
}
