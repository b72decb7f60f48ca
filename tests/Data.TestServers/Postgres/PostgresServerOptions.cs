namespace Data.TestServers;

/// <summary>How a test's PostgreSQL runs.</summary>
public sealed class PostgresServerOptions
{
    /// <summary>Lines for postgresql.conf, by name, such as "max_connections".</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a streaming replica starts too; false by default.</summary>
    public bool Replica { get; init; }

    /// <summary>Whether a commit waits until the replica has it (implies <see cref="Replica"/>); false by default.</summary>
    public bool SynchronousReplica { get; init; }

    /// <summary>
    /// Whether commits are synced to a real disk (fsync); false by default, for speed: then all is in memory where there is plenty. Killing
    /// the server loses nothing either way.
    /// </summary>
    public bool Durable { get; init; }

    /// <summary>The superuser's password; null, the default, takes the one of this user's template.</summary>
    public string? Password { get; init; }

    /// <summary>Offers TLS with a certificate of these properties; null, the default, offers none.</summary>
    public TlsOptions? Tls { get; init; }
}
