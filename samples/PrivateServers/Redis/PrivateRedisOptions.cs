namespace PrivateServers.Redis;

/// <summary>How a private Redis runs.</summary>
public sealed class PrivateRedisOptions : PrivateServerOptions
{
    /// <summary>Whether data survives a restart (append-only file, synced each second); false by default, as fits a cache.</summary>
    public bool Persistent { get; init; }

    /// <summary>The password; null generates one into the file "password" (mode 0600), "" asks for none. Default null.</summary>
    public string? Password { get; init; }

    /// <summary>Lines for redis.conf, by name; they win over what this class sets itself, except the port and the address.</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Variables of the server's environment, beside those of this process.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>PEM files of the server's certificate and key; null serves without TLS.</summary>
    internal (string Certificate, string Key)? Tls { get; init; }
}
