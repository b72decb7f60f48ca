namespace Data.Health.Contributors.Application;

/// <summary>The age of one secret. Never the secret.</summary>
/// <param name="Name">Name of the secret, for the application's own log; it is not served.</param>
/// <param name="CreatedAt">When it was created or last rotated.</param>
public readonly record struct SecretHealth(string Name, DateTimeOffset CreatedAt);

/// <summary>Limits for the age of secrets.</summary>
public sealed class SecretAgeHealthOptions : IContributorSettings
{
    /// <summary>Age at which a secret is due for rotation: degraded. Default: 90 days. Range: 1 h–3,660 days.</summary>
    public TimeSpan RotateAfter { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// Age at which it is unhealthy. Default: <see langword="null"/>, never. Range: at least <see cref="RotateAfter"/>.
    /// </summary>
    public TimeSpan? UnhealthyAfter { get; set; }

    IEnumerable<string> IContributorSettings.Errors()
    {
        var max = TimeSpan.FromDays(3660);
        var errors = Ranges.Span(nameof(RotateAfter), RotateAfter, TimeSpan.FromHours(1), max);
        return UnhealthyAfter is { } limit ? errors.Concat(Ranges.Span(nameof(UnhealthyAfter), limit, RotateAfter, max)) : errors;
    }
}
