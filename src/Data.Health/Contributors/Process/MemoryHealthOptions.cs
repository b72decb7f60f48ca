namespace Data.Health.Contributors.Process;

/// <summary>Limits for memory: that of the container if it has a limit, otherwise that of the machine.</summary>
public sealed class MemoryHealthOptions : IContributorSettings
{
    /// <summary>Used share from which it is degraded. Default 85; above 0, at most 100.</summary>
    public double DegradedPercent { get; set; } = 85;

    /// <summary>Used share from which it is unhealthy. Default 95; above 0, at most 100, not below <see cref="DegradedPercent"/>.</summary>
    public double UnhealthyPercent { get; set; } = 95;

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Percents(DegradedPercent, UnhealthyPercent);
}
