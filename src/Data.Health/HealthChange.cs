using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.History;

/// <summary>One change of a contributor's status.</summary>
/// <param name="Contributor">The contributor's name.</param>
/// <param name="From">The previous status; <see langword="null"/> for the first evaluation.</param>
/// <param name="To">The new status.</param>
/// <param name="Reason">A code that explains the change, see <see cref="HealthReasons"/>.</param>
/// <param name="Critical">Whether the service cannot work without the contributor.</param>
/// <param name="At">Time of the change, UTC.</param>
public sealed record HealthChange(
    string Contributor,
    HealthStatus? From,
    HealthStatus To,
    string Reason,
    bool Critical,
    DateTimeOffset At);
