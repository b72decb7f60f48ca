using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Endpoints;

/// <summary>What a writer writes. Without contributors it is a summary: the status word and nothing else.</summary>
internal sealed record HealthReport(HealthStatus Status, IReadOnlyList<ContributorHealth>? Contributors, IReadOnlyList<string> Notes)
{
    public static HealthReport Summary(HealthStatus status) => new(status, null, []);
}
