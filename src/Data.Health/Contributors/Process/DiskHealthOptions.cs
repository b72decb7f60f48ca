namespace Data.Health.Contributors.Process;

/// <summary>Limits for the file system under a path.</summary>
public sealed class DiskHealthOptions : IContributorSettings
{
    /// <summary>Any path on the file system to watch. Default: the application's own folder.</summary>
    public string Path { get; set; } = AppContext.BaseDirectory;

    /// <summary>Used share in percent, as <c>df</c> counts it, at which it is degraded. Default: 85. Range: above 0, at most 100.</summary>
    public double DegradedPercent { get; set; } = 85;

    /// <summary>Used share in percent at which it is unhealthy. Default: 95. Range: <see cref="DegradedPercent"/>–100.</summary>
    public double UnhealthyPercent { get; set; } = 95;

    /// <summary>Free bytes below which it is unhealthy, regardless of the share. Default: 0, no limit. Range: at least 0.</summary>
    public long MinimumFreeBytes { get; set; }

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Required(nameof(Path), Path)
        .Concat(Ranges.Percents(DegradedPercent, UnhealthyPercent))
        .Concat(Ranges.AtLeast(nameof(MinimumFreeBytes), MinimumFreeBytes, 0));
}
