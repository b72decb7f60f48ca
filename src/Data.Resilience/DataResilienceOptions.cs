using System.Diagnostics.CodeAnalysis;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;

namespace Data.Resilience;

/// <summary>Settings of one context's database: how to connect and how to survive its failures.</summary>
public sealed class DataResilienceOptions
{
    /// <summary>
    /// Npgsql connection string. Several hosts with <c>Target Session Attributes=primary</c> let writes find the primary after a fail-over.
    /// Default: empty; a value is required unless <c>UseDataSource</c> gives a data source. Null counts as empty.
    /// </summary>
    [AllowNull]
    public string ConnectionString
    {
        get;
        set => field = value ?? "";
    } = "";

    /// <summary>
    /// Name of this database in metrics, logs and errors. Default: null (the name of the context's type). Range: 1–63 characters.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// Whether connections without verified TLS are refused: every data source must have <c>SSL Mode=VerifyFull</c>. Default: false.
    /// </summary>
    public bool RequireVerifiedTls { get; set; }

    /// <summary>Whether <c>statement_timeout</c>, equal to <c>Retry:AttemptTimeout</c>, is sent with the log-in. Default: true.</summary>
    /// <remarks>
    /// Turn it off behind PgBouncer, which refuses the start-up parameter <c>options</c> unless <c>ignore_startup_parameters</c> names it;
    /// set the limit on the role instead.
    /// </remarks>
    public bool SendStatementTimeout { get; set; } = true;

    /// <summary>Retry settings.</summary>
    public RetryOptions Retry { get; } = new();

    /// <summary>Circuit-breaker settings.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; } = new();

    /// <summary>Whether the application gives a data source of its own.</summary>
    internal bool HasDataSource { get; set; }
}
