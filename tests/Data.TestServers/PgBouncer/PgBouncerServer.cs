using Data.TestServers.Folders;
using Data.TestServers.PgBouncer;
using Npgsql;

namespace Data.TestServers;

/// <summary>A PgBouncer of a test, pooling transactions before a PostgreSQL. Roles log in with their PostgreSQL passwords.</summary>
public sealed class PgBouncerServer : TestServer
{
    private readonly PostgresServer _postgres;

    private PgBouncerServer(PrivatePgBouncer server, PostgresServer postgres)
        : base(server) => _postgres = postgres;

    /// <summary>A connection string for the superuser and the database "postgres".</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    /// <summary>Starts a PgBouncer.</summary>
    /// <param name="postgres">The PostgreSQL behind it; it must outlive the PgBouncer.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which accepts connections.</returns>
    public static Task<PgBouncerServer> StartAsync(
        PostgresServer postgres,
        PgBouncerServerOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(postgres);
        return TestServers.StartAsync(async () => new PgBouncerServer(
            await PrivatePgBouncer.StartAsync(
                TestRun.Current.NewFolder("pgbouncer"),
                postgres,
                options ?? new PgBouncerServerOptions(),
                cancellationToken)
                .ConfigureAwait(false),
            postgres));
    }

    /// <summary>
    /// A connection string through the PgBouncer. Npgsql must not reset sessions that it does not own, so it is told not to.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="userName">The role; null for the superuser.</param>
    /// <param name="password">The role's password; null for the superuser's.</param>
    /// <returns>The connection string.</returns>
    public string ConnectionStringFor(
        string database,
        string? userName = null,
        string? password = null) => new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Username = userName ?? _postgres.UserName,
            Password = password ?? _postgres.Password,
            Database = database,
            NoResetOnClose = true,
        }.ConnectionString;
}
