using Data.Resilience;
using Data.Resilience.Interceptors;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers query diagnostics: the slow-query log, the top-queries table and the N+1 detector.</summary>
public static class QueryDiagnosticsBuilderExtensions
{
    /// <summary>Watches every command of the context with the default settings.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// Costs under 2 µs and 128 bytes per command and no round trip. <see cref="IQueryMonitor"/> is registered as a keyed singleton under
    /// <c>typeof(TContext)</c>, and without a key for the first context that asks.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <example>
    /// <code>
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "...")
    ///     .AddQueryDiagnostics(o => o.SlowQueryThreshold = TimeSpan.FromMilliseconds(200));
    /// </code>
    /// </example>
    public static DataResilienceBuilder<TContext> AddQueryDiagnostics<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<QueryDiagnosticsOptions>(builder.OptionsName).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<QueryDiagnosticsOptions>, QueryDiagnosticsOptionsValidator>());
        services.TryAddKeyedSingleton(typeof(TContext), (provider, _) => CreateMonitor(provider, builder.OptionsName));
        services.TryAddKeyedSingleton<IQueryMonitor>(
            typeof(TContext), static (provider, key) => provider.GetRequiredKeyedService<QueryMonitor>(key));
        services.TryAddSingleton<IQueryMonitor>(static provider => provider.GetRequiredKeyedService<QueryMonitor>(typeof(TContext)));
        return builder.ConfigureContext(static (provider, options) =>
            ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(
                new QueryDiagnosticsExtension(provider.GetRequiredKeyedService<QueryMonitor>(typeof(TContext)))));
    }

    /// <summary>Watches every command of the context with settings read from configuration.</summary>
    /// <inheritdoc cref="AddQueryDiagnostics{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="QueryDiagnosticsOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddQueryDiagnostics<TContext>(
        this DataResilienceBuilder<TContext> builder, IConfigurationSection section)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(section);
        builder.AddQueryDiagnostics().Services.AddOptions<QueryDiagnosticsOptions>(builder.OptionsName).Bind(section);
        return builder;
    }

    /// <summary>Watches every command of the context with settings made in code.</summary>
    /// <inheritdoc cref="AddQueryDiagnostics{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddQueryDiagnostics<TContext>(
        this DataResilienceBuilder<TContext> builder, Action<QueryDiagnosticsOptions> configure)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(configure);
        builder.AddQueryDiagnostics().Services.AddOptions<QueryDiagnosticsOptions>(builder.OptionsName).Configure(configure);
        return builder;
    }

    private static QueryMonitor CreateMonitor(IServiceProvider provider, string optionsName)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<QueryDiagnosticsOptions>>().Get(optionsName);
        var time = provider.GetRequiredService<TimeProvider>();
        var loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        var plans = new PlanCapture(options, loggers.CreateLogger<PlanCapture>());
        return new QueryMonitor(
            options,
            new SlowQueryLog(options, plans, time, loggers.CreateLogger<SlowQueryLog>()),
            new NPlusOneDetector(options, loggers.CreateLogger<NPlusOneDetector>()),
            time);
    }
}
