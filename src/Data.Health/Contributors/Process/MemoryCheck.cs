using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Process;

/// <summary>Memory left before the kernel ends the process or the machine starts to thrash.</summary>
internal sealed class MemoryCheck(MemoryHealthOptions options, MemoryReader reader) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var memory = reader.Read();
        var percent = 100.0 * memory.UsedBytes / memory.LimitBytes;
        return Task.FromResult(new Outcome()
            .With("used_percent", Math.Round(percent, 1))
            .With("used_bytes", memory.UsedBytes)
            .With("limit_bytes", memory.LimitBytes)
            .With("source", memory.Source)
            .With("process_bytes", Environment.WorkingSet)
            .FindIf(percent >= options.UnhealthyPercent, HealthStatus.Unhealthy, "memory_exhausted", "Memory is almost used up.")
            .FindIf(percent >= options.DegradedPercent, HealthStatus.Degraded, "memory_filling", "Memory is filling up.")
            .Result());
    }
}
