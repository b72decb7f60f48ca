using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>Healthy when a read session reaches the database and gets an answer.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <param name="sessions">The context's sessions.</param>
/// <remarks>
/// One round trip, no retry, no wait for an open circuit; through the circuit breaker, so that it is also the probe that closes the
/// One round trip, no retry, no wait for an open circuit; through the circuit breaker, so that it is also the probe that closes the
/// circuit of an otherwise idle service. The data holds <c>sqlState</c> when the server refused, <c>retryAfterMs</c> when the circuit is
/// open, and <c>unverifiableCommits</c> when the role lacks the right to a function without which a commit whose answer was lost stays
/// ambiguous. Texts of exceptions, hosts and connection strings stay out.
/// </remarks>
/// <example>
/// <code>
/// using Microsoft.EntityFrameworkCore;
///
/// services.AddHealthChecks()
///     .AddCheck&lt;DbSessionHealthCheck&lt;ShopContext&gt;&gt;("database", timeout: TimeSpan.FromSeconds(2), tags: ["ready"]);
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public sealed class DbSessionHealthCheck<TContext>(IDbSessionFactory<TContext> sessions) : IHealthCheck
    where TContext : DbContext
{
    private static readonly DbSessionOptions Once = new() { Name = "health", MaxRetryAttempts = 0, FailFast = true };

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var outcome = await sessions.TryExecuteAsync(DbSessionKind.Read, AskAsync, state: 0, Once, cancellationToken).ConfigureAwait(false);
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        if (outcome.IsSuccess)
        {
            if (outcome.Result is { } function)
                data["unverifiableCommits"] = $"The role may not execute {function}.";
            return HealthCheckResult.Healthy("The database answers.", data);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (outcome.IsRejected)
        {
            if (outcome.RetryAfter >= TimeSpan.Zero)
                data["retryAfterMs"] = outcome.RetryAfter.TotalMilliseconds;
            return new HealthCheckResult(context.Registration.FailureStatus, "The circuit is open.", data: data);
        }

        if (FailureClassifier.SqlStateOf(outcome.Exception) is { } sqlState)
            data["sqlState"] = sqlState;

        return new HealthCheckResult(context.Registration.FailureStatus, "The database does not answer.", data: data);
    }

    private static async Task<string?> AskAsync(IDbSession<TContext> session, int state, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT 1", session.Connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        return (session as DbSession)?.Node.HiddenFunction;
    }
}
