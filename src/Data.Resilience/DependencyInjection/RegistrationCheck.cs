using Data.Resilience.ExecutionStrategies;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.DependencyInjection;

/// <summary>Finds, when the host starts, a context that is registered in a way that contradicts its sessions.</summary>
internal sealed partial class RegistrationCheck<TContext>(DataResilienceBuilder<TContext> builder, IServiceProvider provider)
    : IHostedService
    where TContext : DbContext
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Refuses what cannot work, and makes the settings be read.
        provider.GetRequiredService<IDbSessionFactory<TContext>>();
        if (IsConfiguredElsewhere() && !HasStrategy())
        {
            LogWithoutRetries(
                provider.GetRequiredService<ILoggerFactory>().CreateLogger("Data.Resilience"),
                typeof(TContext).Name);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Throws when the contexts of sessions would retry by themselves.</summary>
    public static void RefuseOtherStrategies(IDbContextFactory<TContext> contexts)
    {
        using var context = contexts.CreateDbContext();
        var strategy = context.Database.CreateExecutionStrategy();
        if (!strategy.RetriesOnFailure || strategy is ResilientExecutionStrategy)
            return;

        var name = typeof(TContext).Name;
        throw new InvalidOperationException(
            $"{name} has the execution strategy {strategy.GetType().Name}, which would retry inside of the sessions of AddDataResilience. "
            + $"Remove EnableRetryOnFailure from the options of {name}; with Aspire, set DisableRetry = true in the settings of "
            + $"AddNpgsqlDbContext<{name}> or EnrichNpgsqlDbContext<{name}>. Code that injects {name} gets its retries from "
            + "options.UseDataResilience().");
    }

    /// <summary>Whether AddDbContext, AddDbContextPool or a library that calls them adds to the options of the context.</summary>
    private bool IsConfiguredElsewhere() =>
        builder.Services.Count(static service => service.ServiceType == typeof(IDbContextOptionsConfiguration<TContext>)) > 1;

    private bool HasStrategy()
    {
        using var context = provider.GetRequiredService<IDbContextFactory<TContext>>().CreateDbContext();
        return context.GetService<IDbContextOptions>().FindExtension<StrategyExtension>() is not null;
    }

    [LoggerMessage(
        1901,
        LogLevel.Warning,
        "{Context} is registered by AddDataResilience and by AddDbContext or AddNpgsqlDbContext. Code that injects it has no retries and "
            + "no verified commits. Call UseDataResilience() on its options, or use IDbSessionFactory<{Context}> there")]
    private static partial void LogWithoutRetries(ILogger logger, string context);
}
