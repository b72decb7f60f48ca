namespace PrivateServers.Postgres;

/// <summary>How a private PostgreSQL runs.</summary>
public sealed class PrivatePostgresOptions : PrivateServerOptions
{
    /// <summary>Lines for postgresql.conf, by name; they win over what this class sets itself, except the port and the address.</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A database to create at the first start; null, the default, leaves only "postgres".</summary>
    public string? Database { get; init; }

    /// <summary>Whether a commit survives the loss of power; true by default.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>
    /// Makes the data folder (first path) and the password file (second) at the first start in place of initdb; null runs initdb.
    /// </summary>
    internal Func<string, string, CancellationToken, Task>? Seed { get; init; }

    /// <summary>Whether stopping skips the checkpoint, as fits a server whose data is thrown away.</summary>
    internal bool Disposable { get; init; }
}
