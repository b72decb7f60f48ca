namespace PrivateServers.Nats;

/// <summary>How a private NATS runs. It keeps nothing.</summary>
public sealed class PrivateNatsOptions : PrivateServerOptions
{
    /// <summary>
    /// The token that clients present; null generates one into the file "token" (mode 0600), "" asks for none. Default null.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>Lines for the server's configuration, by name, such as "max_payload".</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
