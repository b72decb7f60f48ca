using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;

namespace Data.Resilience;

/// <summary>Settings of one context's database: how to connect and how to survive its failures.</summary>
public sealed class DataResilienceOptions
{
    /// <summary>
    /// Gets or sets the Npgsql connection string. Required, there is no default. Several hosts with <c>Target Session
    /// Attributes=primary</c> make writes find the primary after a fail-over.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Gets or sets the name of this database in metrics, logs and errors. Default: the context's type name. 1 to 63 characters.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// Gets or sets whether connections without verified TLS are refused: <c>SSL Mode=VerifyFull</c> is demanded of every data source.
    /// Default false.
    /// </summary>
    public bool RequireVerifiedTls { get; set; }

    /// <summary>
    /// Gets or sets whether <c>statement_timeout</c> is sent with the log-in, as long as <c>Retry:AttemptTimeout</c>. Default true.
    /// </summary>
    /// <remarks>
    /// Turn it off behind PgBouncer, which refuses the start-up parameter <c>options</c> unless told to ignore it; set the limit on the
    /// role instead.
    /// </remarks>
    public bool SendStatementTimeout { get; set; } = true;

    /// <summary>Gets how failed sessions are repeated.</summary>
    public RetryOptions Retry { get; } = new();

    /// <summary>Gets when a database in trouble is left alone.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; } = new();
}
