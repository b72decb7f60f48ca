using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Inbox;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the inbox.</summary>
public static class InboxBuilderExtensions
{
    /// <summary>Gives the context's sessions an inbox, with the default settings or those configured elsewhere.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// <see cref="IInboxRetention{TContext}"/> is registered, and old messages are removed while the host runs. The table is made by
    /// <c>CreateInbox</c> in a migration.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static DataResilienceBuilder<TContext> AddInbox<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new InboxOptionsValidator()));

    /// <summary>Gives the context's sessions an inbox, with settings read from configuration.</summary>
    /// <inheritdoc cref="AddInbox{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="InboxOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddInbox<TContext>(
        this DataResilienceBuilder<TContext> builder,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new InboxOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Gives the context's sessions an inbox, with settings set in code.</summary>
    /// <inheritdoc cref="AddInbox{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddInbox<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Action<InboxOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new InboxOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var key = typeof(TContext);
        var services = builder.Services;
        services.AddKeyedSingleton(key, (provider, _) =>
        {
            var options = provider.GetOptions<InboxOptions>(builder.OptionsName);
            return new InboxStatements(options.Table, options.Schema);
        });
        services.TryAddSingleton<IInboxRetention<TContext>>(provider => new InboxRetention<TContext>(
            provider.GetKeyedService<ISessionRouter>(key)?.WriteNodes ?? [provider.GetRequiredKeyedService<DatabaseNode>(key)],
            provider.GetRequiredKeyedService<InboxStatements>(key),
            provider.GetOptions<InboxOptions>(builder.OptionsName)));
        services.AddSingleton<IHostedService>(provider => new InboxCleanUp<TContext>(
            provider.GetRequiredService<IInboxRetention<TContext>>(),
            provider.GetOptions<InboxOptions>(builder.OptionsName),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<InboxCleanUp<TContext>>>()));
        return builder;
    }
}
