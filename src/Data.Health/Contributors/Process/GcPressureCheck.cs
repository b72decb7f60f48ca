using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Process;

/// <summary>How much of the time since the last run was spent in pauses for garbage collection.</summary>
internal sealed class GcPressureCheck(GcPressureHealthOptions options, TimeProvider time, Func<TimeSpan> totalPause) : IHealthCheck
{
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(100);
    private readonly Lock _lock = new();
    private long _lastAt = time.GetTimestamp();
    private TimeSpan _lastPause = totalPause();
    private double _percent;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var percent = Measure();
        return Task.FromResult(new Outcome()
            .With("pause_percent", Math.Round(percent, 2))
            .With("heap_bytes", GC.GetTotalMemory(forceFullCollection: false))
            .With("gen2_collections", GC.CollectionCount(2))
            .FindIf(
                percent >= options.UnhealthyPercent,
                HealthStatus.Unhealthy,
                "gc_thrashing",
                "Collections stop the process most of the time.")
            .FindIf(percent >= options.DegradedPercent, HealthStatus.Degraded, "gc_pressure", "Collections stop the process often.")
            .Result());
    }

    private double Measure()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var elapsed = time.GetElapsedTime(_lastAt, now);

            // A single pause within a very short window would look like a disaster; a confirming run keeps the last window.
            if (elapsed >= ShortestWindow)
            {
                var pause = totalPause();
                _percent = 100 * (pause - _lastPause) / elapsed;
                (_lastAt, _lastPause) = (now, pause);
            }

            return _percent;
        }
    }
}
