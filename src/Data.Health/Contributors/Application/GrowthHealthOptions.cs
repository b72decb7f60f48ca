namespace Data.Health.Contributors.Application;

/// <summary>Limits for the length of a queue or the number of rows of a table.</summary>
public sealed class GrowthHealthOptions : IContributorSettings
{
    /// <summary>Count at which it is degraded. Default: 10,000. Range: at least 1.</summary>
    public long DegradedCount { get; set; } = 10_000;

    /// <summary>Count at which it is unhealthy. Default: 100,000. Range: at least <see cref="DegradedCount"/>.</summary>
    public long UnhealthyCount { get; set; } = 100_000;

    /// <summary>Growth per minute at which it is degraded. Default: <see langword="null"/>, no limit. Range: at least 1.</summary>
    public long? DegradedPerMinute { get; set; }

    IEnumerable<string> IContributorSettings.Errors()
    {
        var errors = Ranges.AtLeast(nameof(DegradedCount), DegradedCount, 1)
            .Concat(Ranges.AtLeast(nameof(UnhealthyCount), UnhealthyCount, DegradedCount));
        return DegradedPerMinute is { } rate ? errors.Concat(Ranges.AtLeast(nameof(DegradedPerMinute), rate, 1)) : errors;
    }
}
