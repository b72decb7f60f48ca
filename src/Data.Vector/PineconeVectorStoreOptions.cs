using System.Diagnostics.CodeAnalysis;

namespace Data.Vector;

/// <summary>The Pinecone project to use, and how it is called.</summary>
[Experimental(DiagnosticIds.Pinecone)]
public sealed class PineconeVectorStoreOptions
{
    /// <summary>The API key of the project, on one line. Required. Default: null. Never logged.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The address that manages indexes, http or https. Default: <c>https://api.pinecone.io</c>.</summary>
    /// <remarks>Pinecone returns the host of each index; it is called by the scheme of this address.</remarks>
    public Uri Endpoint { get; set; } = new("https://api.pinecone.io");

    /// <summary>The namespace within each index, not empty. Default: <c>__default__</c>.</summary>
    public string Namespace { get; set; } = "__default__";

    /// <summary>The cloud of new indexes, not empty. Default: <c>aws</c>.</summary>
    public string Cloud { get; set; } = "aws";

    /// <summary>The region of new indexes, not empty. Default: <c>us-east-1</c>.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>
    /// The deadline of one request; each retry has its own. Default: 30 seconds. Range: 100 milliseconds–10 minutes.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of retries of a request that is safe to repeat. Default: 2. Range: 0–10.</summary>
    public int MaxRetryAttempts { get; set; } = 2;

    /// <summary>
    /// The delay before the first retry; it doubles with each retry, and up to half of it is random. Default: 200 milliseconds.
    /// Range: 1 millisecond–30 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The time that a write waits until searches see it; 0 does not wait. Default: 30 seconds. Range: 0–10 minutes.
    /// </summary>
    /// <remarks>Pinecone acknowledges writes before it indexes them.</remarks>
    public TimeSpan FreshnessTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time that creating or deleting an index may take. Default: 3 minutes. Range: 1 second–30 minutes.
    /// </summary>
    public TimeSpan ProvisioningTimeout { get; set; } = TimeSpan.FromMinutes(3);
}
