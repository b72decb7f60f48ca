using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polly.CircuitBreaker;

namespace Data.Resilience.CircuitBreaking;

/// <summary>Reports the state of the primary's circuit: healthy when closed, degraded while a probe is under way, else unhealthy.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <param name="services">The services in which the context was registered.</param>
/// <remarks>
/// Touches no connection, so it answers at once whatever the database does. The data holds <c>state</c> and, unless closed,
/// <c>retryAfterMs</c>.
/// </remarks>
/// <example>
/// <code>
/// using Microsoft.EntityFrameworkCore;
/// using Microsoft.Extensions.Diagnostics.HealthChecks;
///
/// services.AddHealthChecks()
///     .AddCheck&lt;DbCircuitHealthCheck&lt;ShopContext&gt;&gt;("database circuit", failureStatus: HealthStatus.Degraded);
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public sealed class DbCircuitHealthCheck<TContext>(IServiceProvider services) : IHealthCheck
    where TContext : DbContext
{
    private readonly IDatabaseCircuit _circuit = services.GetRequiredKeyedService<IDatabaseCircuit>(typeof(TContext));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Task.FromResult(Describe(context.Registration.FailureStatus));
    }

    private HealthCheckResult Describe(HealthStatus failureStatus)
    {
        var state = _circuit.State;
        var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["state"] = state.ToString() };
        if (state == CircuitState.Closed)
            return HealthCheckResult.Healthy("The circuit is closed.", data);

        // An isolated circuit stays isolated until it is closed manually: there is no time to report.
        if (state != CircuitState.Isolated)
            data["retryAfterMs"] = _circuit.RetryAfter.TotalMilliseconds;

        return state == CircuitState.HalfOpen
            ? HealthCheckResult.Degraded("A probe is testing whether the database is back.", data: data)
            : new HealthCheckResult(
                failureStatus,
                state == CircuitState.Isolated ? "The circuit was isolated manually." : "The circuit is open.",
                data: data);
    }
}
