using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience;

/// <summary>Continues the registration of one context's database.</summary>
/// <typeparam name="TContext">The context.</typeparam>
public sealed class DataResilienceBuilder<TContext>
    where TContext : DbContext
{
    internal DataResilienceBuilder(IServiceCollection services) => Services = services;

    /// <summary>Gets the services being registered.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gets the name under which this context's options are registered.</summary>
    public string OptionsName => NameOf;

    internal static string NameOf => typeof(TContext).FullName!;

    internal List<Action<IServiceProvider, DbContextOptionsBuilder>> ContextSetups { get; } = [];

    internal List<Action<IServiceProvider, NpgsqlDataSourceBuilder>> DataSourceSetups { get; } = [];

    /// <summary>Adds to the context's options, after <c>UseNpgsql</c> was called with the data source.</summary>
    /// <param name="configure">Called once, when the first context is made. Must not set an execution strategy: sessions are the one.</param>
    /// <returns>This builder.</returns>
    public DataResilienceBuilder<TContext> ConfigureContext(Action<IServiceProvider, DbContextOptionsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        ContextSetups.Add(configure);
        return this;
    }

    /// <summary>Adds to every data source of this context: the primary's and, when there are any, the replicas' and shards'.</summary>
    /// <param name="configure">Called once per data source, before it is built.</param>
    /// <returns>This builder.</returns>
    public DataResilienceBuilder<TContext> ConfigureDataSource(Action<IServiceProvider, NpgsqlDataSourceBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        DataSourceSetups.Add(configure);
        return this;
    }
}
