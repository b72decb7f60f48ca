using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>The published state of a contributor; immutable, replaced as a whole after each evaluation.</summary>
internal sealed record ContributorState(
    HealthStatus Status,
    string Reason,
    string? Description,
    Exception? Exception,
    IReadOnlyDictionary<string, object> Data,
    TimeSpan Duration,
    long EvaluatedAt,
    DateTimeOffset? EvaluatedAtUtc,
    DateTimeOffset? Since)
{
    public static ContributorState Initial(long now) =>
        new(HealthStatus.Unhealthy, HealthReasons.NotEvaluated, null, null, Observation.NoData, TimeSpan.Zero, now, null, null);
}
