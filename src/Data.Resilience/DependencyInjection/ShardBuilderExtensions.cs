using System.Collections.Frozen;
using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Data.Resilience.Sharding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers shards.</summary>
public static class ShardBuilderExtensions
{
    /// <summary>Spreads the context's tenants over several databases, with options configured elsewhere.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// Each session goes to the shard of <see cref="Data.Resilience.Tenancy.TenantScope"/>'s tenant, or outside of every scope to the
    /// context's own database. All shards have the same tables, with the tenant first in every key, so that a tenant can move and a
    /// distributed PostgreSQL can take over. No session spans shards.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The context has shards already.</exception>
    public static DataResilienceBuilder<TContext> AddShards<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new ShardOptionsValidator()));

    /// <summary>Spreads the context's tenants over several databases, with options read from configuration.</summary>
    /// <inheritdoc cref="AddShards{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="ShardOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddShards<TContext>(
        this DataResilienceBuilder<TContext> builder,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new ShardOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Spreads the context's tenants over several databases, with options set in code.</summary>
    /// <inheritdoc cref="AddShards{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore;
    ///
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "Host=db0;Database=shop")
    ///     .AddTenancy()
    ///     .AddShards(o =>
    ///     {
    ///         o.ConnectionStrings["eu-1"] = "Host=db1;Database=shop";
    ///         o.ConnectionStrings["eu-2"] = "Host=db2;Database=shop";
    ///         o.Pins["acme"] = "eu-2";
    ///     });
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public static DataResilienceBuilder<TContext> AddShards<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Action<ShardOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new ShardOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        builder.AddPart(nameof(AddShards));
        var services = builder.Services;
        var name = builder.OptionsName;
        services.Configure<ReplicaOptions>(name, static options => options.HasShards = true);
        services.TryAddKeyedSingleton<IShardMap>(typeof(TContext), (provider, _) =>
        {
            var options = provider.GetOptions<ShardOptions>(name);
            return new RendezvousShardMap(options.ConnectionStrings.Keys, options.Pins);
        });
        services.AddKeyedSingleton(typeof(TContext), (provider, key) => new ShardNodes(
            CreateNodes(provider.GetRequiredKeyedService<DatabaseNodeFactory>(key), provider.GetOptions<ShardOptions>(name))));
        builder.AddRouting();
        return builder;
    }

    private static FrozenDictionary<string, DatabaseNode> CreateNodes(DatabaseNodeFactory factory, ShardOptions options) =>
        options.ConnectionStrings.ToFrozenDictionary(s => s.Key, s => factory.Create(s.Key, s.Value), StringComparer.Ordinal);
}
