namespace Data.TestServers;

/// <summary>How a test's Redis runs.</summary>
public sealed class RedisServerOptions
{
    /// <summary>The password; null or empty, the default, asks for none.</summary>
    public string? Password { get; init; }

    /// <summary>Whether data survives a stop or a kill; false by default: it starts again empty.</summary>
    public bool Persistent { get; init; }

    /// <summary>Lines for redis.conf, by name, such as "maxmemory".</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Whether <see cref="RedisServer.SetClockAsync"/> may set the server's clock; false by default. Needs a C compiler, and skips the test
    /// where there is none.
    /// </summary>
    public bool SettableClock { get; init; }

    /// <summary>Serves TLS alone with a certificate of these properties; null, the default, serves plain text.</summary>
    public TlsOptions? Tls { get; init; }
}
