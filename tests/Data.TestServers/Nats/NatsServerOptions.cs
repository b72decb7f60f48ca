namespace Data.TestServers;

/// <summary>How a test's NATS runs.</summary>
public sealed class NatsServerOptions
{
    /// <summary>The token that clients present; null or empty, the default, asks for none.</summary>
    public string? Token { get; init; }

    /// <summary>Lines for the server's configuration, by name, such as "max_payload".</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
