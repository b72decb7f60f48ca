namespace Data.Health.Contributors.Process;

/// <summary>Limits for the memory of the container if it has a limit, otherwise of the machine.</summary>
public sealed class MemoryHealthOptions : IContributorSettings
{
    /// <summary>Used share in percent at which it is degraded. Default: 85. Range: above 0, at most 100.</summary>
    public double DegradedPercent { get; set; } = 85;

    /// <summary>Used share in percent at which it is unhealthy. Default: 95. Range: <see cref="DegradedPercent"/>–100.</summary>
    public double UnhealthyPercent { get; set; } = 95;

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Percents(DegradedPercent, UnhealthyPercent);
}
