using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Process;

/// <summary>
/// Thread-pool starvation as requests feel it: how long a queued work item waits. A total starvation also keeps this check from running;
/// then its result grows stale, which counts as failed.
/// </summary>
internal sealed class ThreadPoolCheck(ThreadPoolHealthOptions options, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var start = time.GetTimestamp();
        var ran = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);

        // To the global queue, where requests wait; the local one would be served by this very thread next.
        ThreadPool.UnsafeQueueUserWorkItem(_ => ran.TrySetResult(time.GetElapsedTime(start)), state: (object?)null, preferLocal: false);
        var delay = await ran.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Outcome()
            .With("delay_ms", Math.Round(delay.TotalMilliseconds, 3))
            .With("threads", ThreadPool.ThreadCount)
            .With("pending_work_items", ThreadPool.PendingWorkItemCount)
            .FindIf(delay >= options.UnhealthyDelay, HealthStatus.Unhealthy, "thread_pool_starved", "Work waits too long for a thread.")
            .FindIf(delay >= options.DegradedDelay, HealthStatus.Degraded, "thread_pool_slow", "Work waits for a thread.")
            .Result();
    }
}
