using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Application;

/// <summary>Whether jobs still run, and on time.</summary>
internal sealed class SchedulerCheck(
    SchedulerHealthOptions options, Func<CancellationToken, ValueTask<SchedulerHealth>> read, TimeProvider time) : IHealthCheck
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private long _misfires = -1;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var scheduler = await read(cancellationToken).ConfigureAwait(false);
        var silence = time.GetUtcNow() - (scheduler.LastRun ?? _start);
        var before = Interlocked.Exchange(ref _misfires, scheduler.Misfires);
        var fresh = before < 0 ? 0 : Math.Max(0, scheduler.Misfires - before);
        return new Outcome()
            .With("last_run", scheduler.LastRun)
            .With("misfires", scheduler.Misfires)
            .FindIf(silence > options.MaxSilence, HealthStatus.Unhealthy, "scheduler_silent", "No job has run for too long.")
            .FindIf(fresh >= options.DegradedMisfires, HealthStatus.Degraded, "misfires", "Jobs ran late or not at all.")
            .Result();
    }
}
