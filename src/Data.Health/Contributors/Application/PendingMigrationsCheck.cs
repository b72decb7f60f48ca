using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Application;

/// <summary>Whether the schema is as new as the program.</summary>
internal sealed class PendingMigrationsCheck(Func<CancellationToken, ValueTask<int>> countPending) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var pending = await countPending(cancellationToken).ConfigureAwait(false);
        return new Outcome()
            .With("pending", pending)
            .FindIf(pending > 0, HealthStatus.Unhealthy, "migrations_pending", "The schema is older than the program.")
            .Result();
    }
}
