namespace Data.Vector;

/// <summary>Where a PostgreSQL database keeps its collections, and how it is called.</summary>
public sealed class PgVectorStoreOptions
{
    /// <summary>
    /// The schema of the tables: one for each collection, and <c>_collections</c>, which lists them. Default: <c>data_vector</c>.
    /// Range: 1–63 bytes.
    /// </summary>
    public string Schema { get; set; } = "data_vector";

    /// <summary>
    /// Whether the store creates <see cref="Schema"/> when the first collection is created and it does not exist. Default: true.
    /// </summary>
    /// <remarks>The login needs the right CREATE on the database for it.</remarks>
    public bool CreateSchema { get; set; } = true;

    /// <summary>
    /// Whether the store creates the extension <c>vector</c> when the first collection is created and the database does not have it.
    /// Default: true.
    /// </summary>
    /// <remarks>The login needs the right CREATE on the database, and on PostgreSQL before 13 has to be a superuser.</remarks>
    public bool CreateExtension { get; set; } = true;

    /// <summary>
    /// The number of hash partitions of the table of a new collection; 0 creates a table without partitions. Default: 0. Range: 0–1,024.
    /// </summary>
    public int Partitions { get; set; }

    /// <summary>
    /// The setting of PostgreSQL that holds the tenant, such as <c>app.tenant_id</c>; null keeps the rows of all callers together.
    /// Default: null. Range: two names of <c>a-z 0-9 _</c> and a dot, 3–63 characters.
    /// </summary>
    /// <remarks>
    /// New tables get a column <c>tenant_id</c> with this setting as its default, and a policy of row-level security that is forced on
    /// their owner too: a call sees and changes only the rows of its tenant, and two tenants can use the same id. Without a tenant there
    /// are no rows, and writes are rejected. <see cref="IVectorTenant"/> tells the store the tenant of a call; without one the
    /// connections of the data source must have the setting.
    /// </remarks>
    public string? TenantSetting { get; set; }

    /// <summary>
    /// The configuration by which PostgreSQL takes the texts of new collections apart for hybrid searches, such as <c>english</c>.
    /// Default: <c>simple</c>, which folds case and nothing else. Range: 1–63 bytes.
    /// </summary>
    public string TextConfiguration { get; set; } = "simple";

    /// <summary>
    /// The deadline of one statement, the wait for a connection included; each retry has its own. Default: 30 seconds. Range: 100
    /// milliseconds–10 minutes.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of retries of a call that is safe to repeat: a read, or a write that was rolled back or never sent. Default: 2.
    /// Range: 0–10.
    /// </summary>
    public int MaxRetryAttempts { get; set; } = 2;

    /// <summary>
    /// The delay before the first retry; it doubles with each retry, and up to half of it is random. Default: 200 milliseconds.
    /// Range: 1 millisecond–30 seconds.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);
}
