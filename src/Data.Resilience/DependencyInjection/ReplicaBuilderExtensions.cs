using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.DependencyInjection;
using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers read replicas.</summary>
public static class ReplicaBuilderExtensions
{
    /// <summary>
    /// Lets replicas serve the read sessions whose <see cref="ReadConsistency"/> allows it, with options configured elsewhere.
    /// </summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// Reads that name no consistency, and all writes, go to the primary as before. A retry goes to the primary too.
    /// <see cref="IReplicaMonitor{TContext}"/> is registered. For writes to find a new primary, name all hosts in the primary's connection
    /// string, with <c>Target Session Attributes=primary</c>.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The context has replicas already.</exception>
    public static DataResilienceBuilder<TContext> AddReplicas<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext =>
        Register(builder.WithOptions(new ReplicaOptionsValidator()));

    /// <summary>
    /// Lets replicas serve the read sessions whose <see cref="ReadConsistency"/> allows it, with options read from configuration.
    /// </summary>
    /// <inheritdoc cref="AddReplicas{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="section">The section that holds <see cref="ReplicaOptions"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataResilienceBuilder<TContext> AddReplicas<TContext>(
        this DataResilienceBuilder<TContext> builder,
        IConfigurationSection section)
        where TContext : DbContext =>
        Register(builder.WithOptions(new ReplicaOptionsValidator(), section, static (o, s) => o.Bind(s)));

    /// <summary>Lets replicas serve the read sessions whose <see cref="ReadConsistency"/> allows it, with options set in code.</summary>
    /// <inheritdoc cref="AddReplicas{TContext}(DataResilienceBuilder{TContext})" path="/typeparam"/>
    /// <param name="builder">The context's registration. Call once per context.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore;
    ///
    /// const string Primary = "Host=db1,db2;Target Session Attributes=primary;Database=shop";
    /// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = Primary)
    ///     .AddReplicas(o => o.ConnectionStrings.Add("Host=db2;Database=shop"));
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public static DataResilienceBuilder<TContext> AddReplicas<TContext>(
        this DataResilienceBuilder<TContext> builder,
        Action<ReplicaOptions> configure)
        where TContext : DbContext =>
        Register(builder.WithOptions(new ReplicaOptionsValidator(), configure));

    private static DataResilienceBuilder<TContext> Register<TContext>(DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        builder.AddPart(nameof(AddReplicas));
        builder.AddRouting();
        return builder;
    }
}
