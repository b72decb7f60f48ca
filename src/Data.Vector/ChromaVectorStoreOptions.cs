namespace Data.Vector;

/// <summary>Where Chroma is and how to talk to it.</summary>
public sealed class ChromaVectorStoreOptions
{
    /// <summary>The server's address. Default <c>http://localhost:8000</c>; http or https.</summary>
    public Uri Endpoint { get; set; } = new("http://localhost:8000");

    /// <summary>The tenant. Default <c>default_tenant</c>; not empty.</summary>
    public string Tenant { get; set; } = "default_tenant";

    /// <summary>The database. Default <c>default_database</c>; not empty.</summary>
    public string Database { get; set; } = "default_database";

    /// <summary>The secret that the server asks for; null, the default, sends none. Never logged.</summary>
    public string? Token { get; set; }

    /// <summary>How <see cref="Token"/> is sent. Default <see cref="ChromaTokenHeader.Authorization"/>.</summary>
    public ChromaTokenHeader TokenHeader { get; set; } = ChromaTokenHeader.Authorization;

    /// <summary>How long one request may take, its retries apart. Default 30 seconds, from 100 milliseconds to 10 minutes.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a request that is safe to repeat is tried again: reads, and whatever never reached the server. Default 2, from 0 to 10.
    /// </summary>
    public int MaxRetryAttempts { get; set; } = 2;

    /// <summary>
    /// The wait before the first retry; it doubles each time and is spread by up to half. Default 200 milliseconds, from 1 millisecond to
    /// 30 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);
}
