using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Resilience.Migrations;

/// <summary>Healthy when no migration is pending.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <param name="runner">The context's runner.</param>
/// <remarks>
/// One round trip. The data holds the number of pending migrations under <c>pending</c>; names and errors stay in the log.
/// </remarks>
/// <example>
/// <code>
/// using Microsoft.EntityFrameworkCore;
///
/// services.AddHealthChecks().AddCheck&lt;MigrationHealthCheck&lt;ShopContext&gt;&gt;("migrations", tags: ["ready"]);
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public sealed class MigrationHealthCheck<TContext>(IMigrationRunner<TContext> runner) : IHealthCheck
    where TContext : DbContext
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var pending = await runner.GetPendingAsync(cancellationToken).ConfigureAwait(false);
            var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["pending"] = pending.Count };
            return pending.Count == 0
                ? HealthCheckResult.Healthy("All migrations are applied.", data)
                : new HealthCheckResult(context.Registration.FailureStatus, $"{pending.Count} migrations are pending.", data: data);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The migration history could not be read.", e);
        }
    }
}
