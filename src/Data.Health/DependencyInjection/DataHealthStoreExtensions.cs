using System.Data.Common;
using Data.Health;
using Data.Health.Contributors.Application;
using Data.Health.Contributors.Network;
using Data.Health.Contributors.Stores;
using Data.Health.DependencyInjection;
using Data.Health.Evaluation;
using Data.Health.Internal;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds contributors for databases, caches, search and vector stores.</summary>
public static class DataHealthStoreExtensions
{
    private static readonly BuiltIn<RedisHealthOptions> Redis = new(
        (sp, options) => new RedisCheck(options, sp.GetRequiredService<TimeProvider>()), BuiltInKind.Dependency("cache"));

    /// <summary>Adds a PostgreSQL server: <c>SELECT 1</c>, role, replication lag and the use of the connection pool.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="source">Resolves the data source, such as an <c>NpgsqlDataSource</c>.</param>
    /// <param name="configure">Sets the role, the limits and the kind of connection; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One round trip per run. Critical. Tags <c>dependency</c> and <c>database</c>.</remarks>
    public static DataHealthBuilder AddPostgreSql(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, DbDataSource> source,
        Action<PostgreSqlHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return builder.AddBuiltIn(name, PostgreSql(source), configure, contributor);
    }

    /// <summary>
    /// Adds a PostgreSQL server: <c>SELECT 1</c>, role, replication lag and the use of the connection pool, with options from
    /// configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="source">Resolves the data source, such as an <c>NpgsqlDataSource</c>.</param>
    /// <param name="section">The section to bind to <see cref="PostgreSqlHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One round trip per run. Critical. Tags <c>dependency</c> and <c>database</c>.</remarks>
    public static DataHealthBuilder AddPostgreSql(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, DbDataSource> source,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return builder.AddBuiltIn(name, PostgreSql(source), section, static (o, s) => o.Bind(s), contributor);
    }

    /// <summary>Adds a check for pending migrations: unhealthy while there are any.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="countPending">Counts the migrations that are not applied yet.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical. Tags <c>dependency</c> and <c>database</c>; runs once a minute.</remarks>
    public static DataHealthBuilder AddPendingMigrations(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<int>> countPending,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(countPending);
        return builder.AddBuiltIn(
            name,
            sp => new PendingMigrationsCheck(Scoped.Each(sp, countPending)),
            BuiltInKind.Dependency("database") with { Period = TimeSpan.FromMinutes(1) },
            contributor);
    }

    /// <summary>Adds a Redis server: <c>PING</c>, memory, evictions and role, over a connection of its own that stays open.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Sets the address, the credentials and the limits.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Two round trips per run. Critical. Tags <c>dependency</c> and <c>cache</c>.</remarks>
    public static DataHealthBuilder AddRedis(
        this DataHealthBuilder builder,
        string name,
        Action<RedisHealthOptions> configure,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddBuiltIn(name, Redis, configure, contributor);
    }

    /// <summary>
    /// Adds a Redis server: <c>PING</c>, memory, evictions and role, over a connection of its own that stays open, with options from
    /// configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="section">The section to bind to <see cref="RedisHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Two round trips per run. Critical. Tags <c>dependency</c> and <c>cache</c>.</remarks>
    public static DataHealthBuilder AddRedis(
        this DataHealthBuilder builder,
        string name,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Redis, section, static (o, s) => o.Bind(s), contributor);

    /// <summary>Adds a Chroma server: heartbeat and version (API v2).</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="address">The base address. Never shown.</param>
    /// <param name="prepare">Adds headers such as credentials to each request; <see langword="null"/> for none.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One round trip per run. Critical. Tags <c>dependency</c> and <c>vectors</c>.</remarks>
    public static DataHealthBuilder AddChroma(
        this DataHealthBuilder builder,
        string name,
        Uri address,
        Action<HttpRequestMessage>? prepare = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        return builder.AddBuiltIn(
            name,
            _ => new ChromaCheck(BoundedHttp.NewClient(), BoundedHttp.Folder(address), prepare),
            BuiltInKind.Dependency("vectors"),
            contributor);
    }

    /// <summary>Adds an Elasticsearch cluster: green is healthy, yellow degraded, red unhealthy.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="address">The base address. Never shown.</param>
    /// <param name="prepare">Adds headers such as credentials to each request; <see langword="null"/> for none.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>One round trip per run. Critical. Tags <c>dependency</c> and <c>search</c>.</remarks>
    public static DataHealthBuilder AddElasticsearch(
        this DataHealthBuilder builder,
        string name,
        Uri address,
        Action<HttpRequestMessage>? prepare = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        return builder.AddBuiltIn(
            name,
            _ => new ElasticsearchCheck(BoundedHttp.NewClient(), BoundedHttp.Folder(address), prepare),
            BuiltInKind.Dependency("search"),
            contributor);
    }

    /// <summary>
    /// Adds a vector store: a write, search and delete of a probe document until they succeed once, then a cheap operation.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="proof">Writes, finds and deletes a probe document; throws if any of it fails.</param>
    /// <param name="check">A cheap operation; throws if it fails.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical. Tags <c>dependency</c> and <c>vectors</c>.</remarks>
    public static DataHealthBuilder AddVectorStore(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, Task> proof,
        Func<IServiceProvider, CancellationToken, Task> check,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(check);
        return builder.AddBuiltIn(
            name,
            sp => new VectorStoreCheck(Scoped.Each(sp, proof), Scoped.Each(sp, check)),
            BuiltInKind.Dependency("vectors"),
            contributor);
    }

    private static BuiltIn<PostgreSqlHealthOptions> PostgreSql(Func<IServiceProvider, DbDataSource> source) => new(
        (sp, options) => new PostgreSqlCheck(source(sp), options, sp.GetRequiredService<TimeProvider>()),
        BuiltInKind.Dependency("database"));
}
