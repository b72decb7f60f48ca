namespace Data.TestServers;

/// <summary>How a test's PgBouncer runs.</summary>
public sealed class PgBouncerServerOptions
{
    /// <summary>"transaction" (default), "session" or "statement".</summary>
    public string PoolMode { get; init; } = "transaction";

    /// <summary>How many server connections each pair of user and database gets; 20 by default.</summary>
    public int PoolSize { get; init; } = 20;

    /// <summary>
    /// Where on 127.0.0.1 it finds PostgreSQL, such as the port of a <see cref="FaultProxy"/>; null, the default: directly.
    /// </summary>
    public int? ServerPort { get; init; }

    /// <summary>Lines for pgbouncer.ini, by name, such as "query_wait_timeout".</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
