using System.Diagnostics.CodeAnalysis;

namespace Data.Vector;

/// <summary>Which Pinecone project to use and how to talk to it.</summary>
[Experimental(DiagnosticIds.Pinecone)]
public sealed class PineconeVectorStoreOptions
{
    /// <summary>The project's key. No default: it must be set, on one line. Never logged.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// The address that manages indexes. Default <c>https://api.pinecone.io</c>; http or https. An index tells its own host; its scheme is
    /// this one's.
    /// </summary>
    public Uri Endpoint { get; set; } = new("https://api.pinecone.io");

    /// <summary>The namespace within each index. Default <c>__default__</c>; not empty.</summary>
    public string Namespace { get; set; } = "__default__";

    /// <summary>Where new indexes are placed. Default <c>aws</c>; not empty.</summary>
    public string Cloud { get; set; } = "aws";

    /// <summary>The region of new indexes. Default <c>us-east-1</c>; not empty.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>How long one request may take, its retries apart. Default 30 seconds, from 100 milliseconds to 10 minutes.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a request that is safe to repeat is tried again. Default 2, from 0 to 10.</summary>
    public int MaxRetryAttempts { get; set; } = 2;

    /// <summary>
    /// The wait before the first retry; it doubles each time and is spread by up to half. Default 200 milliseconds, from 1 millisecond to
    /// 30 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long a write waits until searches see it: Pinecone acknowledges writes before it indexes them. Default 30 seconds, from zero,
    /// which does not wait, to 10 minutes.
    /// </summary>
    public TimeSpan FreshnessTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the making or deleting of an index may take. Default 3 minutes, from 1 second to 30 minutes.</summary>
    public TimeSpan ProvisioningTimeout { get; set; } = TimeSpan.FromMinutes(3);
}
