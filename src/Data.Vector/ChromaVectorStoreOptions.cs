namespace Data.Vector;

/// <summary>The address of a Chroma server, and how it is called.</summary>
public sealed class ChromaVectorStoreOptions
{
    /// <summary>The address of the server, http or https, without credentials. Default: <c>http://localhost:8000</c>.</summary>
    public Uri Endpoint { get; set; } = new("http://localhost:8000");

    /// <summary>The tenant, not empty. Default: <c>default_tenant</c>.</summary>
    public string Tenant { get; set; } = "default_tenant";

    /// <summary>The database, not empty. Default: <c>default_database</c>.</summary>
    public string Database { get; set; } = "default_database";

    /// <summary>The token that the server requires, on one line; null sends none. Default: null. Never logged.</summary>
    public string? Token { get; set; }

    /// <summary>The header that carries <see cref="Token"/>. Default: <see cref="ChromaTokenHeader.Authorization"/>.</summary>
    public ChromaTokenHeader TokenHeader { get; set; } = ChromaTokenHeader.Authorization;

    /// <summary>
    /// The deadline of one request; each retry has its own. Default: 30 seconds. Range: 100 milliseconds–10 minutes.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of retries of a request that is safe to repeat: a read, or a request that did not reach the server. Default: 2.
    /// Range: 0–10.
    /// </summary>
    public int MaxRetryAttempts { get; set; } = 2;

    /// <summary>
    /// The delay before the first retry; it doubles with each retry, and up to half of it is random. Default: 200 milliseconds.
    /// Range: 1 millisecond–30 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);
}
