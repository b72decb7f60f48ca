namespace Data.Resilience.Migrations;

/// <summary>Settings of the migration runner.</summary>
public sealed class MigrationOptions
{
    /// <summary>
    /// Connection string of the role that owns the schema. Required when the application's role may not change the schema, as with
    /// row-level security, and when the application connects through PgBouncer in transaction mode, which cannot hold the runner's lock.
    /// Default: null (the application's own).
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Time that an instance waits for another one that is migrating; zero means no wait. Default: 10 min. Range: 0–24 h.
    /// </summary>
    public TimeSpan LockWaitTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Time that one statement waits for a table in use before it is cancelled, so that other sessions do not queue behind it. Default: 10
    /// s. Range: 1 ms–1 h.
    /// </summary>
    public TimeSpan TableLockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Number of retries of a migration that was cancelled that way. Default: 10. Range: 0–1,000.</summary>
    public int MaxTableLockRetryAttempts { get; set; } = 10;

    /// <summary>Time limit of one statement. Default: 1 h. Range: 1 s–7 days.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether pending migrations are applied when the host starts, before services registered later start. Default: false.
    /// </summary>
    public bool RunAtStart { get; set; }
}
