using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers tenant isolation.</summary>
public static class TenancyBuilderExtensions
{
    /// <summary>Runs every session of the context for the tenant of <see cref="TenantScope"/>.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// No added round trip for writes; a read session runs in a transaction, as the setting must end with it to be safe under transaction
    /// pooling. Tables are protected by <see cref="TenantMigrationExtensions.EnableTenantRowSecurity"/>.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static DataResilienceBuilder<TContext> AddTenancy<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new TenancyOptionsValidator()));

    /// <summary>
    /// Runs every session of the context for the tenant of <see cref="TenantScope"/>, with settings read from configuration.
    /// </summary>
    /// <inheritdoc cref="AddTenancy{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="TenancyOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddTenancy<TContext>(
        this DataResilienceBuilder<TContext> builder,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new TenancyOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Runs every session of the context for the tenant of <see cref="TenantScope"/>, with settings set in code.</summary>
    /// <inheritdoc cref="AddTenancy{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddTenancy<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Action<TenancyOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new TenancyOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        builder.Services.AddKeyedSingleton<ISessionSettings, TenantSetting>(typeof(TContext));
        builder.Services.AddSingleton<IHostedService>(provider => new TenantRoleCheck(
            provider.GetRequiredKeyedService<DatabaseNode>(typeof(TContext)).DataSource,
            provider.GetOptions<TenancyOptions>(builder.OptionsName)));
        builder.Services.AddSingleton<IHostedService>(provider => new TenantPolicyCheck<TContext>(
            provider, provider.GetOptions<TenancyOptions>(builder.OptionsName)));
        return builder;
    }
}
