namespace Data.Resilience.Interceptors;

/// <summary>Settings of the slow-query log, the top-queries table and the N+1 detector.</summary>
public sealed class QueryDiagnosticsOptions
{
    /// <summary>Duration above which a command is logged. Default: 1 s. Range: above 0.</summary>
    public TimeSpan SlowQueryThreshold { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Thresholds of commands that carry a tag (<c>TagWith</c>), by tag; the smallest that applies replaces <see
    /// cref="SlowQueryThreshold"/>. Default: empty. Range: above 0 each.
    /// </summary>
    public IDictionary<string, TimeSpan> TagThresholds { get; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);

    /// <summary>
    /// Interval in which at most one entry per fingerprint is logged; the next entry says how many were suppressed. Zero logs all. Default:
    /// 1 min. Range: 0 or more.
    /// </summary>
    public TimeSpan SlowQueryLogInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether slow-query entries and plans may contain parameter values, which can be personal data. Default: false.</summary>
    public bool LogParameters { get; set; }

    /// <summary>How plans of slow queries are captured. Default: <see cref="PlanCaptureMode.None"/>.</summary>
    public PlanCaptureMode PlanCapture { get; set; }

    /// <summary>Server-side time limit of one plan capture. Default: 5 s. Range: 1 ms–10 min.</summary>
    public TimeSpan PlanCaptureTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Number of distinct fingerprints kept in the table; all others are summed up in one row. Default: 1,000. Range: 1–100,000.
    /// </summary>
    public int MaxFingerprintCount { get; set; } = 1_000;

    /// <summary>Number of distinct command texts whose fingerprint is cached. Default: 10,000. Range: 16–1,000,000.</summary>
    public int FingerprintCacheCount { get; set; } = 10_000;

    /// <summary>Number of rows of the table that the metrics show; 0 means none. Default: 20. Range: 0–1,000.</summary>
    public int TopQueryCount { get; set; } = 20;

    /// <summary>Action taken when one call site repeats a statement too often. Default: <see cref="NPlusOneAction.Log"/>.</summary>
    public NPlusOneAction NPlusOne { get; set; } = NPlusOneAction.Log;

    /// <summary>
    /// Number of executions of one fingerprint from one call site within a session that are accepted. Default: 10. Range: 1–100,000.
    /// </summary>
    public int NPlusOneLimit { get; set; } = 10;
}
