using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>A contributor as it stands at one moment.</summary>
/// <param name="Name">The name it was registered under.</param>
/// <param name="Status">Its status after hysteresis; unhealthy if it was never evaluated or the last result is too old.</param>
/// <param name="Reason">A code saying why, see <see cref="HealthReasons"/>.</param>
/// <param name="Description">The check's own words; <see langword="null"/> if there are none or they are not to be shown.</param>
/// <param name="Critical">Whether the service cannot work without it.</param>
/// <param name="Tags">Tags by which groups select it.</param>
/// <param name="Duration">How long the last run took.</param>
/// <param name="Age">Time since the last result.</param>
/// <param name="EvaluatedAt">When the last result arrived, UTC; <see langword="null"/> before the first one.</param>
/// <param name="Since">Since when it has its status, UTC; <see langword="null"/> before the first result.</param>
/// <param name="Data">Measurements of the last run.</param>
public sealed record ContributorHealth(
    string Name,
    HealthStatus Status,
    string Reason,
    string? Description,
    bool Critical,
    IReadOnlyCollection<string> Tags,
    TimeSpan Duration,
    TimeSpan Age,
    DateTimeOffset? EvaluatedAt,
    DateTimeOffset? Since,
    IReadOnlyDictionary<string, object> Data);
