using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Migrations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the migration runner.</summary>
public static class MigrationBuilderExtensions
{
    /// <summary>Registers <see cref="IMigrationRunner{TContext}"/> with the default settings.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// Switches off EF's warning about a model that differs from the last snapshot: hand-written migrations have none, and
    /// <see cref="IMigrationRunner{TContext}.CompareSchemaAsync"/> compares the model with the database itself.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static DataResilienceBuilder<TContext> AddMigrations<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new MigrationOptionsValidator()));

    /// <summary>Registers <see cref="IMigrationRunner{TContext}"/> with settings read from configuration.</summary>
    /// <inheritdoc cref="AddMigrations{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="MigrationOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddMigrations<TContext>(
        this DataResilienceBuilder<TContext> builder,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new MigrationOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Registers <see cref="IMigrationRunner{TContext}"/> with settings set in code.</summary>
    /// <inheritdoc cref="AddMigrations{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddMigrations<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Action<MigrationOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new MigrationOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var services = builder.Services;
        services.TryAddSingleton<IMigrationRunner<TContext>>(provider => new MigrationRunner<TContext>(
            provider.GetRequiredService<IDbContextFactory<TContext>>(),
            provider.GetRequiredKeyedService<DatabaseNode>(typeof(TContext)),
            provider.GetOptions<MigrationOptions>(builder.OptionsName),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MigrationRunner<TContext>>>()));
        services.AddSingleton<IHostedService>(provider =>
            new MigrationStartup<TContext>(
                provider.GetRequiredService<IMigrationRunner<TContext>>(),
                provider.GetOptions<MigrationOptions>(builder.OptionsName)));
        return builder.ConfigureContext(static (_, options) =>
            options.ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning)));
    }
}
