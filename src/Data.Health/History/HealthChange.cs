using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.History;

/// <summary>One change of a contributor's status.</summary>
/// <param name="Contributor">The contributor's name.</param>
/// <param name="From">The status before; <see langword="null"/> for the first evaluation.</param>
/// <param name="To">The status since.</param>
/// <param name="Reason">A code saying why, see <see cref="Evaluation.HealthReasons"/>.</param>
/// <param name="Critical">Whether the service cannot work without the contributor.</param>
/// <param name="At">When it changed, UTC.</param>
public sealed record HealthChange(
    string Contributor,
    HealthStatus? From,
    HealthStatus To,
    string Reason,
    bool Critical,
    DateTimeOffset At);
