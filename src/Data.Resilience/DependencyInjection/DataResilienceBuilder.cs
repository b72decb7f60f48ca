using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience;

/// <summary>Registers further parts of one context's database.</summary>
/// <typeparam name="TContext">The context.</typeparam>
public sealed partial class DataResilienceBuilder<TContext>
    where TContext : DbContext
{
    private readonly HashSet<string> _parts = new(StringComparer.Ordinal);

    internal DataResilienceBuilder(IServiceCollection services) => Services = services;

    /// <summary>Services being registered.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Name under which the options of this context are registered.</summary>
    public string OptionsName => NameOf;

    internal static string NameOf => typeof(TContext).FullName!;

    internal List<Action<IServiceProvider, DbContextOptionsBuilder>> ContextSetups { get; } = [];

    internal List<Action<IServiceProvider, NpgsqlDataSourceBuilder>> DataSourceSetups { get; } = [];

    internal Func<IServiceProvider, NpgsqlDataSource>? DataSource { get; private set; }

    internal List<Func<IServiceProvider, TContext, CancellationToken, Task>> Seeds { get; } = [];

    /// <summary>Notes that a part is added that a context can have once.</summary>
    internal void AddPart(string method)
    {
        if (!_parts.Add(method))
            throw new InvalidOperationException($"{method} was called for {typeof(TContext).Name} already. Call it once.");
    }

    /// <summary>Adds to the context's options, after <c>UseNpgsql</c> was called with the data source.</summary>
    /// <param name="configure">Called once, when the first context is created. Must not set an execution strategy: sessions replace
    /// it.</param>
    /// <returns>This builder.</returns>
    public DataResilienceBuilder<TContext> ConfigureContext(Action<IServiceProvider, DbContextOptionsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        ContextSetups.Add(configure);
        return this;
    }

    /// <summary>Adds to every data source of this context: the primary's and, when there are any, the replicas' and shards'.</summary>
    /// <param name="configure">Called once per data source, before it is built; not for the one of <c>UseDataSource</c>.</param>
    /// <returns>This builder.</returns>
    public DataResilienceBuilder<TContext> ConfigureDataSource(Action<IServiceProvider, NpgsqlDataSourceBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        DataSourceSetups.Add(configure);
        return this;
    }

    /// <summary>Adds a source of settings that hold for the transaction of every session.</summary>
    /// <typeparam name="TSettings">The source; one instance serves all sessions of the context. Its constructor may ask for singletons.
    /// </typeparam>
    /// <returns>This builder.</returns>
    /// <remarks>Several sources may be added; no two may supply the same setting.</remarks>
    public DataResilienceBuilder<TContext> AddSessionSettings<TSettings>()
        where TSettings : class, ISessionSettings
    {
        Services.AddKeyedSingleton<ISessionSettings, TSettings>(typeof(TContext));
        return this;
    }

    /// <summary>Adds a delegate that supplies settings that hold for the transaction of every session.</summary>
    /// <param name="collect">Adds the settings; gets the root services. Called as <see cref="ISessionSettings.Collect"/> is, in the flow of
    /// the caller.</param>
    /// <returns>This builder.</returns>
    /// <remarks>Several sources may be added; no two may supply the same setting.</remarks>
    public DataResilienceBuilder<TContext> AddSessionSettings(Action<IServiceProvider, SessionSettingCollection> collect)
    {
        ArgumentNullException.ThrowIfNull(collect);
        Services.AddKeyedSingleton<ISessionSettings>(
            typeof(TContext),
            (provider, _) => new DelegatedSessionSettings(provider, collect));
        return this;
    }

    /// <summary>Uses the application's own data source for the primary, instead of one made from a connection string.</summary>
    /// <param name="dataSource">Returns the data source. Called once. The application disposes it.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// For data sources with a cloud identity, type mappings or settings of a hosting library. <c>ConnectionString</c> must be empty.
    /// Nothing is set on the data source: keep its <c>Command Timeout</c> within <c>Retry:AttemptTimeout</c>, and send
    /// <c>statement_timeout</c> with its <c>Options</c>. A data source over several hosts needs
    /// <c>Target Session Attributes=primary</c>. <c>RequireVerifiedTls</c> is checked against it.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="dataSource"/> is null.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore;
    /// using Npgsql;
    ///
    /// services.AddSingleton(NpgsqlDataSource.Create("Host=localhost;Database=shop"));
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.Name = "shop").UseDataSource();
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public DataResilienceBuilder<TContext> UseDataSource(Func<IServiceProvider, NpgsqlDataSource> dataSource)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        DataSource = dataSource;
        Services.Configure<DataResilienceOptions>(OptionsName, static options => options.HasDataSource = true);
        return this;
    }

    /// <summary>
    /// Uses the <see cref="NpgsqlDataSource"/> that the application registers, for instance by <c>AddNpgsqlDataSource</c>.
    /// </summary>
    /// <inheritdoc cref="UseDataSource(Func{IServiceProvider, NpgsqlDataSource})"/>
    /// <param name="serviceKey">Key of the registration; null for the one without a key.</param>
    public DataResilienceBuilder<TContext> UseDataSource(object? serviceKey = null) =>
        UseDataSource(provider => provider.GetKeyedService<NpgsqlDataSource>(serviceKey) ?? throw new InvalidOperationException(
            $"UseDataSource finds no NpgsqlDataSource among the services{(serviceKey is null ? "" : $" under the key '{serviceKey}'")}. "
            + "Register one, for instance by AddNpgsqlDataSource, or give UseDataSource a delegate."));

    /// <summary>
    /// Takes the password from a provider, such as a secret store, and refreshes it, so that it can be changed without a restart.
    /// </summary>
    /// <param name="provider">Returns the current password. Called in the background, never by a session.</param>
    /// <param name="refreshInterval">Time after which the password is requested again; positive. Keep it shorter than the time for which
    /// the old and the new password are both valid.</param>
    /// <param name="failureInterval">Time after which a failed provider is called again; positive; null means a tenth of
    /// <paramref name="refreshInterval"/>.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// The connection string must not hold a password. Open connections stay as they are: PostgreSQL checks a password at log-in only.
    /// </remarks>
    public DataResilienceBuilder<TContext> UsePasswordProvider(
        Func<IServiceProvider, CancellationToken, ValueTask<string>> provider, TimeSpan refreshInterval, TimeSpan? failureInterval = null)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(refreshInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(failureInterval ?? refreshInterval, TimeSpan.Zero);
        return ConfigureDataSource((services, dataSource) =>
            dataSource.UsePeriodicPasswordProvider(
                (_, token) => provider(services, token),
                refreshInterval,
                failureInterval ?? refreshInterval / 10));
    }
}
