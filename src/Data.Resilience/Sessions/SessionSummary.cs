namespace Data.Resilience.Sessions;

/// <summary>How one attempt ended.</summary>
/// <param name="Result">The end.</param>
/// <param name="Elapsed">Time from the request for the connection until after its return.</param>
/// <param name="Exception">What made it fail; null on success.</param>
internal readonly record struct SessionSummary(SessionResult Result, TimeSpan Elapsed, Exception? Exception);

/// <summary>The ends an attempt can come to.</summary>
internal enum SessionResult
{
    /// <summary>A read returned, or a write is committed.</summary>
    Completed,

    /// <summary>It failed, has no effect, and the failure went to the caller.</summary>
    Failed,

    /// <summary>It failed, has no effect, and another attempt follows.</summary>
    Retried,

    /// <summary>Its commit has an unknown outcome.</summary>
    Ambiguous,
}
