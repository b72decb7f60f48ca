namespace Data.Resilience.Interceptors;

/// <summary>How the plan of a slow query is obtained.</summary>
public enum PlanCaptureMode
{
    /// <summary>No plans.</summary>
    None,

    /// <summary><c>EXPLAIN</c> only: the statement is planned, never run.</summary>
    Explain,

    /// <summary>
    /// <c>EXPLAIN (ANALYZE, BUFFERS)</c> for statements that only read, in a read-only transaction; plain <c>EXPLAIN</c> for every other
    /// statement.
    /// </summary>
    AnalyzeReads,
}
