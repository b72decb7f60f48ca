using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Endpoints;

/// <summary>How much of a report a caller sees.</summary>
internal enum Visibility
{
    /// <summary>The status word.</summary>
    Word,

    /// <summary>Also the names and status words of the contributors.</summary>
    Names,

    /// <summary>Everything that is safe to show.</summary>
    Details,
}

/// <summary>What a writer writes.</summary>
internal sealed record HealthReport(
    HealthStatus Status, Visibility Visibility, IReadOnlyList<ContributorHealth> Contributors, IReadOnlyList<string> Notes)
{
    public static HealthReport Summary(HealthStatus status) => new(status, Visibility.Word, [], []);
}
