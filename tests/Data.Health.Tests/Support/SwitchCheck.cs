using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Tests.Support;

/// <summary>A check that answers what the test says and counts its runs.</summary>
internal sealed class SwitchCheck : IHealthCheck
{
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public Func<CancellationToken, Task<HealthCheckResult>> Answer { get; set; } = _ => Task.FromResult(HealthCheckResult.Healthy());

    public HealthStatus Status
    {
        set => Answer = _ => Task.FromResult(new HealthCheckResult(value));
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _runs);
        return Answer(cancellationToken);
    }
}
