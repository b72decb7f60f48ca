using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Application;

/// <summary>Whether a secret is due for rotation.</summary>
internal sealed class SecretAgeCheck(
    SecretAgeHealthOptions options, Func<CancellationToken, ValueTask<IReadOnlyList<SecretHealth>>> read, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var secrets = await read(cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var oldest = secrets.Count == 0 ? TimeSpan.Zero : now - secrets.Min(s => s.CreatedAt);
        return new Outcome()
            .With("secrets", secrets.Count)
            .With("oldest_days", Math.Round(oldest.TotalDays, 1))
            .With("due", secrets.Count(s => now - s.CreatedAt >= options.RotateAfter))
            .FindIf(oldest >= options.UnhealthyAfter, HealthStatus.Unhealthy, "secret_expired", "A secret is far too old.")
            .FindIf(oldest >= options.RotateAfter, HealthStatus.Degraded, "secret_due", "A secret is due for rotation.")
            .Result();
    }
}
