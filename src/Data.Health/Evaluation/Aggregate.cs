using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>How several contributors make one status.</summary>
internal static class Aggregate
{
    /// <summary>What a contributor's status means for the whole: an optional one can only degrade it.</summary>
    public static HealthStatus Effect(HealthStatus status, bool critical) =>
        status == HealthStatus.Unhealthy && !critical ? HealthStatus.Degraded : status;

    /// <summary>The worst effect of all; nothing at all is healthy.</summary>
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
