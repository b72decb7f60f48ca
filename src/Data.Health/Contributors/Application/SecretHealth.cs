namespace Data.Health.Contributors.Application;

/// <summary>The age of one secret. Never the secret.</summary>
/// <param name="Name">Names it in the application's own log; it is not served.</param>
/// <param name="CreatedAt">When it was made or last rotated.</param>
public readonly record struct SecretHealth(string Name, DateTimeOffset CreatedAt);

/// <summary>Limits for the age of secrets.</summary>
public sealed class SecretAgeHealthOptions : IContributorSettings
{
    /// <summary>Age from which a secret should be rotated: degraded. Default 90 days; 1 hour to 3,660 days.</summary>
    public TimeSpan RotateAfter { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// Age from which it is unhealthy. Default <see langword="null"/>, which is never; not below <see cref="RotateAfter"/>.
    /// </summary>
    public TimeSpan? UnhealthyAfter { get; set; }

    IEnumerable<string> IContributorSettings.Errors()
    {
        var max = TimeSpan.FromDays(3660);
        var errors = Ranges.Span(nameof(RotateAfter), RotateAfter, TimeSpan.FromHours(1), max);
        return UnhealthyAfter is { } limit ? errors.Concat(Ranges.Span(nameof(UnhealthyAfter), limit, RotateAfter, max)) : errors;
    }
}
