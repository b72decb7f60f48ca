using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Data.Resilience.Outbox;

/// <summary>Healthy while messages are published sooner than <see cref="OutboxOptions.MaxLag"/> after their commit.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <param name="services">The services in which the outbox was registered.</param>
/// <remarks>
/// One round trip per database. The data holds <c>depth</c>, <c>lagSeconds</c>, <c>deadLetters</c> and, in a process that dispatches,
/// <c>notifications</c>: <c>arriving</c>, <c>silent</c> (degraded: other processes' messages wait for the next poll) or <c>off</c>. Dead
/// letters do not fail the check: nothing waits for them.
/// </remarks>
/// <example>
/// <code>
/// using Microsoft.EntityFrameworkCore;
///
/// services.AddHealthChecks().AddCheck&lt;OutboxHealthCheck&lt;ShopContext&gt;&gt;("outbox");
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public sealed class OutboxHealthCheck<TContext>(IServiceProvider services) : IHealthCheck
    where TContext : DbContext
{
    private readonly IOutbox<TContext> _outbox = services.GetRequiredService<IOutbox<TContext>>();
    private readonly OutboxDispatchers? _dispatchers = services.GetKeyedService<OutboxDispatchers>(typeof(TContext));
    private readonly TimeSpan _maxLag = services.GetRequiredService<IOptionsMonitor<OutboxOptions>>()
        .Get(DataResilienceBuilder<TContext>.NameOf).MaxLag;

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        OutboxStatus status;
        try
        {
            status = await _outbox.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The outbox could not be read.", exception);
        }

        var isSilent = _dispatchers?.IsSilent;
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["depth"] = status.Depth,
            ["lagSeconds"] = status.Lag.TotalSeconds,
            ["deadLetters"] = status.DeadLetters,
        };
        if (_dispatchers is not null)
            data["notifications"] = isSilent switch { null => "off", true => "silent", false => "arriving" };

        if (status.Lag > _maxLag)
            return new HealthCheckResult(context.Registration.FailureStatus, "Messages wait too long for their publication.", data: data);

        return isSilent == true
            ? HealthCheckResult.Degraded("Notifications do not arrive; messages wait for the next poll.", data: data)
            : HealthCheckResult.Healthy("Messages are published.", data);
    }
}
