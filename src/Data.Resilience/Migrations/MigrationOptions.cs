namespace Data.Resilience.Migrations;

/// <summary>Settings of the migration runner.</summary>
public sealed class MigrationOptions
{
    /// <summary>
    /// Connection string of the role that owns the schema; null (default) means the application's own. Needed when the application's role
    /// may not change the schema, as with row-level security, and when the application connects through PgBouncer in transaction mode,
    /// which cannot hold the runner's lock.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// How long an instance waits for another one that is migrating. Default: 10 minutes. Legal: zero (do not wait) to 24 hours.
    /// </summary>
    public TimeSpan LockWaitTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long one statement waits for a table that others use, before it gives way so that they do not queue up behind it.
    /// Default: 10 s. Legal: 1 ms to 1 hour.
    /// </summary>
    public TimeSpan TableLockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a migration that gave way is tried again. Default: 10. Legal: 0 to 1,000.</summary>
    public int MaxTableLockRetryAttempts { get; set; } = 10;

    /// <summary>Time limit of one statement. Default: 1 hour. Legal: 1 s to 7 days.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether pending migrations are applied when the host starts, before services registered later start. Default: false.
    /// </summary>
    public bool RunAtStart { get; set; }
}
