namespace Data.Resilience.Interceptors;

/// <summary>Thrown, when asked for, in place of running a statement that one call site repeats within a session.</summary>
public sealed class NPlusOneException : InvalidOperationException
{
    internal NPlusOneException(QueryFingerprint fingerprint, string callSite, int count)
        : base($"The same statement was about to run for the {count}. time in one session from {callSite}. "
            + $"Load the rows with one query (Include, a join, or = ANY(keys)). Statement: {fingerprint.Text}")
    {
        Fingerprint = fingerprint;
        CallSite = callSite;
        Count = count;
    }

    /// <summary>The repeated statement.</summary>
    public QueryFingerprint Fingerprint { get; }

    /// <summary>The method (and the line, when symbols are there) that repeats it.</summary>
    public string CallSite { get; }

    /// <summary>Executions in this session, the refused one included.</summary>
    public int Count { get; }
}
