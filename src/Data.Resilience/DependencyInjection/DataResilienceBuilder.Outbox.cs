using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Resilience;

public sealed partial class DataResilienceBuilder<TContext>
{
    /// <summary>Gives the context's sessions an outbox, in a process that writes messages and leaves publishing to others.</summary>
    /// <param name="configure">Sets the options; null when they are configured elsewhere.</param>
    /// <returns>This builder.</returns>
    /// <remarks><see cref="IOutbox{TContext}"/> is registered. The tables are made by <c>CreateOutbox</c> in a migration.</remarks>
    public DataResilienceBuilder<TContext> AddOutbox(Action<OutboxOptions>? configure = null)
    {
        AddOutboxOptions(configure);
        return RegisterOutbox();
    }

    /// <summary>Gives the context's sessions an outbox, with options read from configuration, in a process that only writes.</summary>
    /// <param name="section">The section that holds <see cref="OutboxOptions"/>.</param>
    /// <returns>This builder.</returns>
    public DataResilienceBuilder<TContext> AddOutbox(IConfigurationSection section)
    {
        AddOutboxOptions(section);
        return RegisterOutbox();
    }

    /// <summary>Gives the context's sessions an outbox and publishes its messages while the host runs.</summary>
    /// <typeparam name="TPublisher">Hands messages to the broker; made by the services as a singleton.</typeparam>
    /// <param name="configure">Sets the options; null when they are configured elsewhere.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// <see cref="IOutbox{TContext}"/> is registered. Any number of processes may dispatch; they share the work by lanes. One more
    /// connection listens for notifications unless <see cref="OutboxOptions.WakeUp"/> is polling.
    /// </remarks>
    /// <example>
    /// <code>
    /// using Data.Resilience.Outbox;
    ///
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "Host=localhost;Database=shop")
    ///     .AddOutbox&lt;ConsolePublisher&gt;();
    ///
    /// class ConsolePublisher : IOutboxPublisher
    /// {
    ///     public Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken) =>
    ///         Console.Out.WriteLineAsync(message.Topic);
    /// }
    /// </code>
    /// </example>
    public DataResilienceBuilder<TContext> AddOutbox<TPublisher>(Action<OutboxOptions>? configure = null)
        where TPublisher : class, IOutboxPublisher
    {
        AddOutboxOptions(configure);
        return RegisterOutbox().RegisterDispatcher<TPublisher>();
    }

    /// <summary>Gives the context's sessions an outbox and publishes its messages, with options read from configuration.</summary>
    /// <typeparam name="TPublisher">Hands messages to the broker; made by the services as a singleton.</typeparam>
    /// <param name="section">The section that holds <see cref="OutboxOptions"/>.</param>
    /// <returns>This builder.</returns>
    public DataResilienceBuilder<TContext> AddOutbox<TPublisher>(IConfigurationSection section)
        where TPublisher : class, IOutboxPublisher
    {
        AddOutboxOptions(section);
        return RegisterOutbox().RegisterDispatcher<TPublisher>();
    }

    private void AddOutboxOptions(Action<OutboxOptions>? configure) =>
        this.WithOptions(new OutboxOptionsValidator(), configure ?? (static _ => { }));

    private void AddOutboxOptions(IConfigurationSection section) =>
        this.WithOptions(new OutboxOptionsValidator(), section, static (options, s) => options.Bind(s));

    private DataResilienceBuilder<TContext> RegisterOutbox()
    {
        var key = typeof(TContext);
        Services.AddKeyedSingleton(key, (provider, _) =>
        {
            var options = provider.GetOptions<OutboxOptions>(OptionsName);
            return new OutboxStatements(options.Name, options.Schema, notifies: options.WakeUp == OutboxWakeUp.InTransaction);
        });
        Services.AddKeyedSingleton(key, (provider, _) => new OutboxWakeUps(
            provider.GetOptions<OutboxOptions>(OptionsName),
            provider.GetRequiredKeyedService<OutboxStatements>(key),
            provider.GetRequiredService<TimeProvider>(),
            OutboxLogger(provider)));
        Services.AddKeyedSingleton(key, (provider, _) => new OutboxWriter(
            provider.GetOptions<OutboxOptions>(OptionsName),
            provider.GetRequiredKeyedService<OutboxStatements>(key),
            provider.GetRequiredKeyedService<OutboxWakeUps>(key),
            provider.GetRequiredService<TimeProvider>()));
        Services.AddKeyedSingleton(key, (provider, _) => new OutboxDatabases(
            provider.GetKeyedService<ISessionRouter>(key)?.WriteNodes ?? [provider.GetRequiredKeyedService<DatabaseNode>(key)],
            provider.GetRequiredKeyedService<DatabaseNodeFactory>(key),
            provider.GetOptions<OutboxOptions>(OptionsName)));
        Services.TryAddSingleton<IOutbox<TContext>>(provider => new OutboxOfContext<TContext>(
            provider.GetRequiredKeyedService<OutboxDatabases>(key),
            provider.GetRequiredKeyedService<OutboxStatements>(key),
            provider.GetRequiredKeyedService<OutboxWakeUps>(key)));
        return this;
    }

    private DataResilienceBuilder<TContext> RegisterDispatcher<TPublisher>()
        where TPublisher : class, IOutboxPublisher
    {
        var key = typeof(TContext);
        Services.TryAddSingleton<TPublisher>();
        Services.AddKeyedSingleton(key, (provider, _) => new OutboxDispatchers(
            provider.GetRequiredKeyedService<OutboxDatabases>(key),
            provider.GetRequiredKeyedService<OutboxStatements>(key),
            provider.GetOptions<OutboxOptions>(OptionsName),
            provider.GetRequiredService<TPublisher>(),
            provider.GetRequiredKeyedService<OutboxWakeUps>(key),
            provider.GetRequiredService<TimeProvider>(),
            OutboxLogger(provider)));
        Services.AddSingleton<IHostedService>(provider => new OutboxStartup(provider.GetRequiredKeyedService<OutboxDispatchers>(key)));
        return this;
    }

    private static ILogger OutboxLogger(IServiceProvider provider) =>
        provider.GetRequiredService<ILoggerFactory>().CreateLogger("Data.Resilience.Outbox");
}
