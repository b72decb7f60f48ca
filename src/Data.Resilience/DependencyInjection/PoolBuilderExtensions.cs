using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Pooling;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the pool's settings and what watches it.</summary>
public static class PoolBuilderExtensions
{
    /// <summary>Watches the context's connection pools with the default settings.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// An exhausted pool then shows as <see cref="PoolExhaustedException"/>. <see cref="IPoolMonitor{TContext}"/> is registered.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static DataResilienceBuilder<TContext> AddPool<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new PoolOptionsValidator()));

    /// <summary>Watches the context's connection pools with settings read from configuration.</summary>
    /// <inheritdoc cref="AddPool{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="PoolOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddPool<TContext>(
        this DataResilienceBuilder<TContext> builder,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new PoolOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Watches the context's connection pools with settings set in code.</summary>
    /// <inheritdoc cref="AddPool{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddPool<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Action<PoolOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new PoolOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var key = typeof(TContext);
        var name = builder.OptionsName;
        var services = builder.Services;
        services.AddKeyedSingleton(key, (provider, _) => new PoolMonitor(
            provider.GetOptions<PoolOptions>(name),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PoolMonitor>>()));
        services.AddKeyedSingleton<ISessionObserver>(key, static (provider, k) => provider.GetRequiredKeyedService<PoolMonitor>(k));
        services.RemoveAllKeyed<IConnectionOpener>(key);
        services.AddKeyedSingleton<IConnectionOpener>(
            key, static (provider, k) => new MonitoredConnectionOpener(provider.GetRequiredKeyedService<PoolMonitor>(k)));
        services.AddSingleton<IPoolMonitor<TContext>>(static provider =>
            new PoolMonitorOfContext<TContext>(provider.GetRequiredKeyedService<PoolMonitor>(typeof(TContext))));
        services.AddSingleton<IHostedService>(provider => new PoolWarmUp(
            provider.GetRequiredKeyedService<DatabaseNode>(key),
            provider.GetOptions<PoolOptions>(name),
            provider.GetRequiredService<ILogger<PoolWarmUp>>()));
        return builder.ConfigureDataSource((provider, source) => Apply(
            provider.GetOptions<PoolOptions>(name),
            source.ConnectionStringBuilder));
    }

    private static void Apply(PoolOptions options, NpgsqlConnectionStringBuilder settings)
    {
        if (options.MaxSize is { } most)
            settings.MaxPoolSize = most;
        if (options.MinSize is { } least)
            settings.MinPoolSize = least;
        if (options.WaitTimeout is { } wait)
            settings.Timeout = (int)wait.TotalSeconds;
        if (options.MaxAge is { } age)
            settings.ConnectionLifetime = (int)age.TotalSeconds;
    }
}
