using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Application;

/// <summary>A circuit breaker's state as health.</summary>
internal sealed class CircuitBreakerCheck(Func<CircuitHealth> state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (status, word) = state() switch
        {
            CircuitHealth.Closed => (HealthStatus.Healthy, "closed"),
            CircuitHealth.HalfOpen => (HealthStatus.Degraded, "half-open"),
            _ => (HealthStatus.Unhealthy, "open"),
        };
        return Task.FromResult(new Outcome()
            .With("state", word)
            .FindIf(status == HealthStatus.Unhealthy, status, "circuit_open", "The circuit is open: calls are refused.")
            .FindIf(status == HealthStatus.Degraded, status, "circuit_half_open", "The circuit is half-open: a trial call decides.")
            .Result());
    }
}
