using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Application;

/// <summary>Any operation that succeeds or throws.</summary>
internal sealed class PingCheck(Func<CancellationToken, Task> ping) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await ping(cancellationToken).ConfigureAwait(false);
        return HealthCheckResult.Healthy();
    }
}
