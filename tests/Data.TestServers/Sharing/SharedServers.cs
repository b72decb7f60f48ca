namespace Data.TestServers;

/// <summary>
/// One server of each kind per process, started when first asked for, stopped when the process ends. Do not dispose, kill or
/// freeze them: other tests use them at the same time. Give each test a database or a key prefix of its own.
/// </summary>
public static class SharedServers
{
    private static readonly Lazy<Task<PostgresServer>> Postgres = new(
        () => PostgresServer.StartAsync(new PostgresServerOptions { Settings = { ["max_connections"] = "1000" } }));
    private static readonly Lazy<Task<RedisServer>> Redis = new(() => RedisServer.StartAsync());
    private static readonly Lazy<Task<RedisCluster>> Cluster = new(() => RedisCluster.StartAsync());
    private static readonly Lazy<Task<ChromaServer>> Chroma = new(() => ChromaServer.StartAsync());
    private static readonly Lazy<Task<PgVectorServer>> PgVector = new(() => PgVectorServer.StartAsync());
    private static readonly Lazy<Task<NatsServer>> Nats = new(() => NatsServer.StartAsync());

    /// <summary>The shared PostgreSQL, with room for 300 connections.</summary>
    /// <returns>The server.</returns>
    public static Task<PostgresServer> PostgresAsync() => Postgres.Value;

    /// <summary>The shared Redis, without a password.</summary>
    /// <returns>The server.</returns>
    public static Task<RedisServer> RedisAsync() => Redis.Value;

    /// <summary>The shared Redis cluster: three primaries, without a password.</summary>
    /// <returns>The cluster.</returns>
    public static Task<RedisCluster> RedisClusterAsync() => Cluster.Value;

    /// <summary>The shared Chroma.</summary>
    /// <returns>The server.</returns>
    public static Task<ChromaServer> ChromaAsync() => Chroma.Value;

    /// <summary>The shared PostgreSQL with the extension vector; use its data source only.</summary>
    /// <returns>The server.</returns>
    public static Task<PgVectorServer> PgVectorAsync() => PgVector.Value;

    /// <summary>The shared NATS, without a token.</summary>
    /// <returns>The server.</returns>
    public static Task<NatsServer> NatsAsync() => Nats.Value;
}
