using Data.Resilience;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Interceptors;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

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
    /// using Microsoft.EntityFrameworkCore;
    ///
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "Host=localhost;Database=shop")
    ///     .AddQueryDiagnostics(o => o.SlowQueryThreshold = TimeSpan.FromMilliseconds(200));
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public static DataResilienceBuilder<TContext> AddQueryDiagnostics<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new QueryDiagnosticsOptionsValidator()));

    /// <summary>Watches every command of the context with settings read from configuration.</summary>
    /// <inheritdoc cref="AddQueryDiagnostics{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="QueryDiagnosticsOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddQueryDiagnostics<TContext>(
        this DataResilienceBuilder<TContext> builder, IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new QueryDiagnosticsOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Watches every command of the context with settings set in code.</summary>
    /// <inheritdoc cref="AddQueryDiagnostics{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddQueryDiagnostics<TContext>(
        this DataResilienceBuilder<TContext> builder, Action<QueryDiagnosticsOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new QueryDiagnosticsOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var services = builder.Services;
        services.TryAddKeyedSingleton(typeof(TContext), (provider, _) => CreateMonitor(provider, builder.OptionsName));
        services.TryAddKeyedSingleton<IQueryMonitor>(
            typeof(TContext), static (provider, key) => provider.GetRequiredKeyedService<QueryMonitor>(key));
        services.TryAddSingleton<IQueryMonitor>(static provider => provider.GetRequiredKeyedService<QueryMonitor>(typeof(TContext)));
        services.AddKeyedSingleton<ISessionObserver, QuerySessionObserver>(typeof(TContext));
        return builder.ConfigureContext(static (provider, options) =>
            ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(
                new QueryDiagnosticsExtension(provider.GetRequiredKeyedService<QueryMonitor>(typeof(TContext)))));
    }

    private static QueryMonitor CreateMonitor(IServiceProvider provider, string optionsName)
    {
        var options = provider.GetOptions<QueryDiagnosticsOptions>(optionsName);
        var time = provider.GetRequiredService<TimeProvider>();
        var plans = new PlanCapture(options, provider.GetRequiredService<ILogger<PlanCapture>>());
        return new QueryMonitor(
            options,
            new SlowQueryLog(options, plans, time, provider.GetRequiredService<ILogger<SlowQueryLog>>()),
            new NPlusOneDetector(options, provider.GetRequiredService<ILogger<NPlusOneDetector>>()),
            time);
    }
}
