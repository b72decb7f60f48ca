namespace Data.Health.Contributors.Process;

/// <summary>Limits for the share of time during which garbage collections pause the process.</summary>
public sealed class GcPressureHealthOptions : IContributorSettings
{
    /// <summary>
    /// Share of the time since the last run, in percent, at which it is degraded. Default: 10. Range: above 0, at most 100.
    /// </summary>
    public double DegradedPercent { get; set; } = 10;

    /// <summary>Share in percent at which it is unhealthy. Default: 30. Range: <see cref="DegradedPercent"/>–100.</summary>
    public double UnhealthyPercent { get; set; } = 30;

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Percents(DegradedPercent, UnhealthyPercent);
}
