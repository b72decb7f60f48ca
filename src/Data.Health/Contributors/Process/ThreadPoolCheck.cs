using Data.Health.Starvation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Process;

/// <summary>
/// Thread-pool starvation as requests feel it: how long a queued work item waits. The lag is measured on a thread of its own, and the
/// longest one of the last half minute counts: a starvation that kept this check from running is seen after it.
/// </summary>
internal sealed class ThreadPoolCheck(ThreadPoolHealthOptions options, PoolLag lag) : IHealthCheck
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var worst = lag.WorstWithin(Window);
        return Task.FromResult(new Outcome()
            .With("delay_ms", Math.Round(lag.Current.TotalMilliseconds, 3))
            .With("worst_delay_ms", Math.Round(worst.TotalMilliseconds, 3))
            .With("threads", ThreadPool.ThreadCount)
            .With("pending_work_items", ThreadPool.PendingWorkItemCount)
            .FindIf(worst >= options.UnhealthyDelay, HealthStatus.Unhealthy, "thread_pool_starved", "Work waits too long for a thread.")
            .FindIf(worst >= options.DegradedDelay, HealthStatus.Degraded, "thread_pool_slow", "Work waits for a thread.")
            .Result());
    }
}
