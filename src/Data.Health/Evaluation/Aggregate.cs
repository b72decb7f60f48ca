using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>Combines the status of several contributors.</summary>
internal static class Aggregate
{
    /// <summary>Returns the effect of a contributor's status on the whole: an optional one only degrades it.</summary>
    public static HealthStatus Effect(HealthStatus status, bool critical) =>
        status == HealthStatus.Unhealthy && !critical ? HealthStatus.Degraded : status;

    /// <summary>Returns the worst effect; healthy if there are no contributors.</summary>
    public static HealthStatus Of(ReadOnlySpan<TrackedContributor> contributors, long now)
    {
        var worst = HealthStatus.Healthy;
        foreach (var contributor in contributors)
        {
            var status = now >= contributor.StaleAt ? HealthStatus.Unhealthy : contributor.State.Status;
            var effect = Effect(status, contributor.Policy.Critical);
            if (effect < worst)
                worst = effect;
        }

        return worst;
    }
}
