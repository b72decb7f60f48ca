namespace Data.Health.Contributors.Process;

/// <summary>Limits for the share of time that garbage collections stop the process.</summary>
public sealed class GcPressureHealthOptions : IContributorSettings
{
    /// <summary>Share of the time since the last run from which it is degraded. Default 10; above 0, at most 100.</summary>
    public double DegradedPercent { get; set; } = 10;

    /// <summary>Share from which it is unhealthy. Default 30; above 0, at most 100, not below <see cref="DegradedPercent"/>.</summary>
    public double UnhealthyPercent { get; set; } = 30;

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Percents(DegradedPercent, UnhealthyPercent);
}
