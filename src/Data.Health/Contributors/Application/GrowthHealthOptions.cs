namespace Data.Health.Contributors.Application;

/// <summary>Limits for the length of a queue or the rows of a table.</summary>
public sealed class GrowthHealthOptions : IContributorSettings
{
    /// <summary>Count from which it is degraded. Default 10,000; at least 1.</summary>
    public long DegradedCount { get; set; } = 10_000;

    /// <summary>Count from which it is unhealthy. Default 100,000; not below <see cref="DegradedCount"/>.</summary>
    public long UnhealthyCount { get; set; } = 100_000;

    /// <summary>Growth per minute from which it is degraded. Default <see langword="null"/>, which is none; at least 1.</summary>
    public long? DegradedPerMinute { get; set; }

    IEnumerable<string> IContributorSettings.Errors()
    {
        var errors = Ranges.AtLeast(nameof(DegradedCount), DegradedCount, 1)
            .Concat(Ranges.AtLeast(nameof(UnhealthyCount), UnhealthyCount, DegradedCount));
        return DegradedPerMinute is { } rate ? errors.Concat(Ranges.AtLeast(nameof(DegradedPerMinute), rate, 1)) : errors;
    }
}
