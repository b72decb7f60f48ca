using Data.Health.Starvation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Process;

/// <summary>
/// Thread-pool starvation as requests feel it: how long a queued work item waits, measured from a thread of its own. A slow pool is
/// judged by what waits now; a starvation, which keeps this check from running too, by the longest wait of the last moments.
/// </summary>
internal sealed class ThreadPoolCheck(ThreadPoolHealthOptions options, PoolLag lag) : IHealthCheck
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (delay, worst) = (lag.Current, lag.WorstWithin(Window));
        return Task.FromResult(new Outcome()
            .With("delay_ms", Math.Round(delay.TotalMilliseconds, 3))
            .With("worst_delay_ms", Math.Round(worst.TotalMilliseconds, 3))
            .With("threads", ThreadPool.ThreadCount)
            .With("pending_work_items", ThreadPool.PendingWorkItemCount)
            .FindIf(worst >= options.UnhealthyDelay, HealthStatus.Unhealthy, "thread_pool_starved", "Work waits too long for a thread.")
            .FindIf(delay >= options.DegradedDelay, HealthStatus.Degraded, "thread_pool_slow", "Work waits for a thread.")
            .Result());
    }
}
