namespace Data.TestServers;

/// <summary>What a test server's certificate says.</summary>
public sealed class TlsOptions
{
    /// <summary>The DNS names and addresses that the certificate is for; "localhost" and "127.0.0.1" by default.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["localhost", "127.0.0.1"];

    /// <summary>Until when, from now, the certificate holds; a day by default, negative for an expired one.</summary>
    public TimeSpan Validity { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether the server refuses connections without TLS; false by default. Redis always does.</summary>
    public bool Required { get; init; }
}
