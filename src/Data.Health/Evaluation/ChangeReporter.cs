using Data.Health.History;
using Data.Health.Internal;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Health.Evaluation;

/// <summary>Records what happens to one contributor: metrics, log and history.</summary>
internal sealed class ChangeReporter(
    string name, bool critical, int historyCount, HealthMetrics metrics, TimeProvider time, ILogger logger)
{
    public ChangeLog History { get; } = new(historyCount);

    public void Evaluated(Observation seen) => metrics.Evaluated(name, seen.Duration, seen.Reason);

    /// <summary>Records a change; returns null if the status stays, as when a stale contributor was unhealthy before.</summary>
    /// <param name="from">The status before; null for the first one.</param>
    /// <param name="to">The new status.</param>
    /// <param name="reason">The code that explains it.</param>
    /// <param name="cause">What operators read in the log, without secrets.</param>
    public HealthChange? Changed(HealthStatus? from, HealthStatus to, string reason, string cause)
    {
        if (from == to)
            return null;
        var change = new HealthChange(name, from, to, reason, critical, time.GetUtcNow());
        History.Add(change);
        if (from is { } known)
            metrics.Changed(name, known, to);
        if (to != HealthStatus.Healthy)
            HealthLog.Worse(logger, name, from?.ToString() ?? "NotEvaluated", to, reason, cause);
        else if (from is { } worse)
            HealthLog.Recovered(logger, name, worse, to);
        return change;
    }
}
