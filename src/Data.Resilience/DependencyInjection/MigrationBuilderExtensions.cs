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
using Npgsql;

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

    /// <summary>Adds data after the migrations, under their lock.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Several seeds run in the order of the calls.</param>
    /// <param name="seed">
    /// Adds what is missing. Gets the services of a scope of its own and the context on the runner's connection. Must be idempotent.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// Runs after each <see cref="IMigrationRunner{TContext}.UpAsync"/> without a target, whether migrations were pending or not, so that a
    /// seed that is added later runs too: with <c>RunAtStart</c> once per start of each instance, one instance at a time. Each seed is one
    /// transaction; when it throws, it is rolled back and the migrations stay. With a context that has <c>UseDataResilience</c> it may run
    /// twice. It runs as the role of the migrations and without a tenant.
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore;
    ///
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "Host=localhost;Database=shop")
    ///     .AddMigrations(o => o.RunAtStart = true)
    ///     .AddSeed(async (_, context, token) =>
    ///     {
    ///         if (!await context.Set&lt;Country&gt;().AnyAsync(token))
    ///             context.Add(new Country { Code = "CH" });
    ///         await context.SaveChangesAsync(token);
    ///     });
    ///
    /// class Country
    /// {
    ///     public int Id { get; set; }
    ///
    ///     public string Code { get; set; } = "";
    /// }
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public static DataResilienceBuilder<TContext> AddSeed<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Func<IServiceProvider, TContext, CancellationToken, Task> seed)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(seed);
        builder.Seeds.Add(seed);
        return builder;
    }

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var services = builder.Services;
        services.TryAddSingleton<IMigrationRunner<TContext>>(provider => CreateRunner(provider, builder));
        services.AddSingleton<IHostedService>(provider =>
            new MigrationStartup<TContext>(
                provider.GetRequiredService<IMigrationRunner<TContext>>(),
                provider.GetOptions<MigrationOptions>(builder.OptionsName)));
        return builder.ConfigureContext(static (_, options) =>
            options.ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning)));
    }

    private static MigrationRunner<TContext> CreateRunner<TContext>(IServiceProvider provider, DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var node = provider.GetRequiredKeyedService<DatabaseNode>(typeof(TContext));
        var options = provider.GetOptions<MigrationOptions>(builder.OptionsName);
        if (options.ConnectionString is { } own)
        {
            provider.GetRequiredKeyedService<DatabaseNodeFactory>(typeof(TContext))
                .Check($"{node.Name}-migrations", new NpgsqlConnectionStringBuilder(own));
        }

        return new MigrationRunner<TContext>(
            provider.GetRequiredService<IDbContextFactory<TContext>>(),
            node,
            options,
            [.. builder.Seeds.Select(seed => InScope(provider, seed))],
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MigrationRunner<TContext>>>());
    }

    private static Func<TContext, CancellationToken, Task> InScope<TContext>(
        IServiceProvider provider, Func<IServiceProvider, TContext, CancellationToken, Task> seed)
        where TContext : DbContext =>
        async (context, cancellationToken) =>
        {
            var scope = provider.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
                await seed(scope.ServiceProvider, context, cancellationToken).ConfigureAwait(false);
        };
}
