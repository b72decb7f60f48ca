using Data.Resilience;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Idempotency;
using Data.Resilience.Interceptors;
using Data.Resilience.Outbox;
using Data.Resilience.Retry;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers resilient sessions over an EF Core context on PostgreSQL.</summary>
public static class DataResilienceServiceCollectionExtensions
{
    /// <summary>
    /// Registers sessions over a context whose options are configured elsewhere, under the name
    /// <see cref="DataResilienceBuilder{TContext}.OptionsName"/>.
    /// </summary>
    /// <typeparam name="TContext">The context; must have a constructor that takes its options, as every pooled context.</typeparam>
    /// <param name="services">The services.</param>
    /// <returns>A builder for the rest.</returns>
    public static DataResilienceBuilder<TContext> AddDataResilience<TContext>(this IServiceCollection services)
        where TContext : DbContext =>
        Register(CreateBuilder<TContext>(services).WithOptions(new DataResilienceOptionsValidator()));

    /// <summary>Registers sessions over a context with options read from configuration.</summary>
    /// <inheritdoc cref="AddDataResilience{TContext}(IServiceCollection)" path="/typeparam"/>
    /// <param name="services">The services.</param>
    /// <param name="section">The section that holds <see cref="DataResilienceOptions"/>.</param>
    /// <returns>A builder for the rest.</returns>
    public static DataResilienceBuilder<TContext> AddDataResilience<TContext>(
        this IServiceCollection services,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(CreateBuilder<TContext>(services).WithOptions(new DataResilienceOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Registers sessions over a context with options set in code.</summary>
    /// <inheritdoc cref="AddDataResilience{TContext}(IServiceCollection)" path="/typeparam"/>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder for the rest.</returns>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore;
    ///
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "Host=localhost;Database=shop");
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public static DataResilienceBuilder<TContext> AddDataResilience<TContext>(
        this IServiceCollection services,
        Action<DataResilienceOptions> configure)
        where TContext : DbContext =>
        Register(CreateBuilder<TContext>(services).WithOptions(new DataResilienceOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> CreateBuilder<TContext>(IServiceCollection services)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(services);
        return new DataResilienceBuilder<TContext>(services);
    }

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var services = builder.Services;
        services.AddLogging();
#pragma warning disable RS0030 // The default of the registration.
        services.TryAddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        services.AddKeyedSingleton(typeof(TContext), (provider, _) => CreateNodeFactory(provider, builder));
        services.AddKeyedSingleton(typeof(TContext), (provider, _) => CreatePrimary(provider, builder));
        services.AddKeyedSingleton<IDatabaseCircuit>(
            typeof(TContext),
            (provider, key) => provider.GetRequiredKeyedService<DatabaseNode>(key).Circuit);
        services.TryAddKeyedSingleton<IConnectionOpener, ConnectionOpener>(typeof(TContext));
        services.AddPooledDbContextFactory<TContext>((provider, options) => ConfigureContext(provider, options, builder));
        services.AddSingleton(static provider => new ContextPool<TContext>(
            provider.GetRequiredService<DbContextOptions<TContext>>(), provider));
        services.AddKeyedSingleton(typeof(TContext), static (provider, _) => CreateSessionServices<TContext>(provider));
        services.TryAddSingleton<IDbSessionFactory<TContext>>(CreateFactory<TContext>);
        services.AddSingleton<IHostedService>(provider => new RegistrationCheck<TContext>(builder, provider));
        return builder;
    }

    private static DataResilienceOptions OptionsOf<TContext>(IServiceProvider provider)
        where TContext : DbContext =>
        provider.GetOptions<DataResilienceOptions>(DataResilienceBuilder<TContext>.NameOf);

    private static ILogger LoggerOf(IServiceProvider provider) =>
        provider.GetRequiredService<ILoggerFactory>().CreateLogger("Data.Resilience");

    private static DatabaseNodeFactory CreateNodeFactory<TContext>(IServiceProvider provider, DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var options = OptionsOf<TContext>(provider);
        return new DatabaseNodeFactory(options, provider.GetRequiredService<TimeProvider>(), LoggerOf(provider), dataSource =>
        {
            // Before the application's own settings: a logger factory among them wins, and the bare connection goes unseen.
            dataSource.UseLoggerFactory(new CommandWatch(provider.GetKeyedService<QueryMonitor>(typeof(TContext))));
            foreach (var setup in builder.DataSourceSetups)
                setup(provider, dataSource);
        });
    }

    private static DatabaseNode CreatePrimary<TContext>(IServiceProvider provider, DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var options = OptionsOf<TContext>(provider);
        var nodes = provider.GetRequiredKeyedService<DatabaseNodeFactory>(typeof(TContext));
        var name = options.Name ?? typeof(TContext).Name;
        return builder.DataSource is { } dataSource
            ? nodes.Create(name, dataSource(provider))
            : nodes.Create(name, options.ConnectionString);
    }

    private static void ConfigureContext<TContext>(
        IServiceProvider provider,
        DbContextOptionsBuilder options,
        DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        options.UseNpgsql(provider.GetRequiredKeyedService<DatabaseNode>(typeof(TContext)).DataSource);
        ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(new SessionCommandsExtension());
        foreach (var setup in builder.ContextSetups)
            setup(provider, options);
    }

    private static SessionServices CreateSessionServices<TContext>(IServiceProvider provider)
        where TContext : DbContext
    {
        var key = typeof(TContext);
        var options = OptionsOf<TContext>(provider);
        var retry = options.Retry;
        var opener = provider.GetRequiredKeyedService<IConnectionOpener>(key);
        var time = provider.GetRequiredService<TimeProvider>();
        var backoff = new Backoff(retry.BaseDelay, retry.MaxDelay, retry.Seed);
        return new SessionServices
        {
            Primary = provider.GetRequiredKeyedService<DatabaseNode>(key),
            Opener = opener,
            Verifier = new CommitVerifier(opener, backoff, time),
            Retry = retry,
            SendsStatementTimeout = options.SendStatementTimeout,
            Backoff = backoff,
            Time = time,
            Logger = LoggerOf(provider),
            Router = provider.GetKeyedService<ISessionRouter>(key),
            Idempotency = provider.GetKeyedService<IdempotencyKeys>(key),
            Settings = [.. provider.GetKeyedServices<ISessionSettings>(key)],
            FindPart = part => (provider as IKeyedServiceProvider)?.GetKeyedService(part, key),
            CollectsForCommit = provider.GetService<IServiceProviderIsKeyedService>()?.IsKeyedService(typeof(OutboxWriter), key) == true,
            Observers = [.. provider.GetKeyedServices<ISessionObserver>(key)],
        };
    }

    private static DbSessionFactory<TContext> CreateFactory<TContext>(IServiceProvider provider)
        where TContext : DbContext
    {
        RegistrationCheck<TContext>.RefuseOtherStrategies(provider.GetRequiredService<IDbContextFactory<TContext>>());
        return new DbSessionFactory<TContext>(
            provider.GetRequiredService<ContextPool<TContext>>(), provider.GetRequiredKeyedService<SessionServices>(typeof(TContext)));
    }
}
