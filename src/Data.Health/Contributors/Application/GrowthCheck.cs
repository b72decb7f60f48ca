using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Application;

/// <summary>A count that should stay small, and how fast it grows between two runs.</summary>
internal sealed class GrowthCheck(
    GrowthHealthOptions options,
    Func<CancellationToken, ValueTask<long>> count,
    TimeProvider time) : IHealthCheck
{
    private Sample? _last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = await count(cancellationToken).ConfigureAwait(false);
        var sample = new Sample(now, time.GetTimestamp());
        var before = Interlocked.Exchange(ref _last, sample);
        double? rate = before is null ? null : PerMinute(before, sample);
        return new Outcome()
            .With("count", now)
            .With("per_minute", rate is { } r ? Math.Round(r, 2) : null)
            .FindIf(now >= options.UnhealthyCount, HealthStatus.Unhealthy, "too_many", "There are far too many.")
            .FindIf(now >= options.DegradedCount, HealthStatus.Degraded, "many", "There are too many.")
            .FindIf(rate >= options.DegradedPerMinute, HealthStatus.Degraded, "growing", "The number grows too fast.")
            .Result();
    }

    private double? PerMinute(Sample before, Sample after)
    {
        var minutes = time.GetElapsedTime(before.At, after.At).TotalMinutes;
        return minutes <= 0 ? null : (after.Count - before.Count) / minutes;
    }

    private sealed record Sample(long Count, long At);
}
