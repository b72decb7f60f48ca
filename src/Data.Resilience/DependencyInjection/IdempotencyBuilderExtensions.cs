using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers idempotency keys.</summary>
public static class IdempotencyBuilderExtensions
{
    /// <summary>Lets write sessions of the context take an idempotency key, with the default settings.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// Needs the table of <see cref="IdempotencyMigrationExtensions.CreateIdempotencyKeys"/>. Registers
    /// <see cref="IIdempotencyKeys{TContext}"/> and a hosted service that removes old keys. Results are stored as JSON unless an
    /// <see cref="IIdempotencySerializer"/> is registered. Sessions without a key are not changed.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static DataResilienceBuilder<TContext> AddIdempotency<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new IdempotencyOptionsValidator()));

    /// <summary>Lets write sessions of the context take an idempotency key, with settings read from configuration.</summary>
    /// <inheritdoc cref="AddIdempotency{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <inheritdoc cref="AddIdempotency{TContext}(DataResilienceBuilder{TContext})" path="/remarks"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="IdempotencyOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddIdempotency<TContext>(
        this DataResilienceBuilder<TContext> builder,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new IdempotencyOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Lets write sessions of the context take an idempotency key, with settings set in code.</summary>
    /// <inheritdoc cref="AddIdempotency{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <inheritdoc cref="AddIdempotency{TContext}(DataResilienceBuilder{TContext})" path="/remarks"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore;
    ///
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "Host=localhost;Database=shop")
    ///     .AddIdempotency(o => o.Retention = TimeSpan.FromDays(30));
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public static DataResilienceBuilder<TContext> AddIdempotency<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Action<IdempotencyOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new IdempotencyOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var name = builder.OptionsName;
        builder.Services.AddKeyedSingleton(typeof(TContext), (provider, key) => new IdempotencyKeys(
            provider.GetOptions<IdempotencyOptions>(name),
            provider.GetService<IIdempotencySerializer>() ?? new JsonIdempotencySerializer(),
            HasTenants(provider, key) ? static () => TenantScope.Current ?? "" : static () => ""));
        builder.Services.AddSingleton<IIdempotencyKeys<TContext>>(provider => new ExpiredKeyRemoval<TContext>(
            NodesOf(provider, typeof(TContext)),
            provider.GetOptions<IdempotencyOptions>(name)));
        builder.Services.AddSingleton<IHostedService>(provider => new ExpiredKeyRemovalService<TContext>(
            provider.GetRequiredService<IIdempotencyKeys<TContext>>(),
            provider.GetOptions<IdempotencyOptions>(name),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ExpiredKeyRemovalService<TContext>>>()));
        return builder;
    }

    private static bool HasTenants(IServiceProvider provider, object? key) =>
        provider.GetKeyedServices<ISessionSettings>(key).Any(static source => source is TenantSetting);

    private static IReadOnlyList<DatabaseNode> NodesOf(IServiceProvider provider, object key) =>
        provider.GetKeyedService<ISessionRouter>(key)?.WriteNodes ?? [provider.GetRequiredKeyedService<DatabaseNode>(key)];
}
