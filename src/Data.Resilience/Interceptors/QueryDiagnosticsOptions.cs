namespace Data.Resilience.Interceptors;

/// <summary>Settings of the slow-query log, the top-queries table and the N+1 detector.</summary>
public sealed class QueryDiagnosticsOptions
{
    /// <summary>A command that takes longer is logged. Default: 1 s. Legal: greater than zero.</summary>
    public TimeSpan SlowQueryThreshold { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Thresholds for commands that carry a tag (<c>TagWith</c>), by tag; the smallest matching one wins over
    /// <see cref="SlowQueryThreshold"/>. Default: empty. Legal values: greater than zero.
    /// </summary>
    public IDictionary<string, TimeSpan> TagThresholds { get; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);

    /// <summary>
    /// At most one log entry per fingerprint in this time; the next one tells how many were left out. Default: 1 minute. Legal: zero (log
    /// all) or more.
    /// </summary>
    public TimeSpan SlowQueryLogInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether parameter values may appear in slow-query entries and plans. Default: false. They may hold personal data.</summary>
    public bool LogParameters { get; set; }

    /// <summary>How plans of slow queries are captured. Default: <see cref="PlanCaptureMode.None"/>.</summary>
    public PlanCaptureMode PlanCapture { get; set; }

    /// <summary>Server-side time limit of one plan capture. Default: 5 s. Legal: 1 ms to 10 min.</summary>
    public TimeSpan PlanCaptureTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Distinct fingerprints kept in the table; the rest is summed up in one row. Default: 1,000. Legal: 1 to 100,000.</summary>
    public int MaxFingerprintCount { get; set; } = 1_000;

    /// <summary>Distinct command texts whose fingerprint is remembered. Default: 10,000. Legal: 16 to 1,000,000.</summary>
    public int FingerprintCacheCount { get; set; } = 10_000;

    /// <summary>Rows of the table that the metrics show. Default: 20. Legal: 0 (none) to 1,000.</summary>
    public int TopQueryCount { get; set; } = 20;

    /// <summary>What happens when one call site repeats a statement too often. Default: <see cref="NPlusOneAction.Log"/>.</summary>
    public NPlusOneAction NPlusOne { get; set; } = NPlusOneAction.Log;

    /// <summary>
    /// Executions of one fingerprint from one call site within one session that are still fine. Default: 10. Legal: 1 to 100,000.
    /// </summary>
    public int NPlusOneLimit { get; set; } = 10;
}
