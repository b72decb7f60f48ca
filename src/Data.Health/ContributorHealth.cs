using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>The state of a contributor at one moment.</summary>
/// <param name="Name">The name under which it is registered.</param>
/// <param name="Status">Its status after hysteresis; unhealthy if it was never evaluated or the last result is too old.</param>
/// <param name="Reason">A code that explains the status, see <see cref="HealthReasons"/>.</param>
/// <param name="Description">The check's own description; <see langword="null"/> if there is none or it must not be shown.</param>
/// <param name="Critical">Whether the service cannot work without it.</param>
/// <param name="Tags">Tags by which groups select it.</param>
/// <param name="Duration">Duration of the last run.</param>
/// <param name="Age">Time since the last result.</param>
/// <param name="EvaluatedAt">Time of the last result, UTC; <see langword="null"/> before the first one.</param>
/// <param name="Since">Start of the current status, UTC; <see langword="null"/> before the first result.</param>
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
