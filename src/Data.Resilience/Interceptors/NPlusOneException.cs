namespace Data.Resilience.Interceptors;

/// <summary>
/// Thrown with <see cref="NPlusOneAction.Throw"/> instead of running a statement that one call site repeats within a session.
/// </summary>
public sealed class NPlusOneException : DataResilienceException
{
    internal NPlusOneException(QueryFingerprint fingerprint, string callSite, int count)
        : base($"The same statement was about to run {count} times in one session from {callSite}. "
            + $"Load the rows with one query (Include, a join, or = ANY(keys)). Statement: {fingerprint.Text}")
    {
        Fingerprint = fingerprint;
        CallSite = callSite;
        Count = count;
    }

    /// <summary>Fingerprint of the repeated statement.</summary>
    public QueryFingerprint Fingerprint { get; }

    /// <summary>Method that repeats it, with the line when symbols are available.</summary>
    public string CallSite { get; }

    /// <summary>Number of executions in this session, including the refused one.</summary>
    public int Count { get; }
}
