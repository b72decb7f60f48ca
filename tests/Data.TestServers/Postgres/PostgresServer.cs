using System.Globalization;
using Data.TestServers.Folders;
using Data.TestServers.Postgres;
using Npgsql;
using PrivateServers.Folders;
using PrivateServers.Postgres;
using PrivateServers.Processes;

namespace Data.TestServers;

/// <summary>A PostgreSQL of a test, by itself or with a streaming replica.</summary>
/// <example><code>
/// await using var postgres = await PostgresServer.StartAsync();
/// await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
/// </code></example>
public sealed class PostgresServer : TestServer
{
    private readonly PrivatePostgres _server;
    private string? _password;

    private PostgresServer(PrivatePostgres server, TlsMaterial? tls)
        : base(server)
    {
        _server = server;
        Tls = tls;
    }

    /// <summary>The superuser's name.</summary>
    public string UserName => PrivatePostgres.UserName;

    /// <summary>The superuser's password.</summary>
    public string Password => _password ?? _server.Password;

    /// <summary>A connection string for the superuser and the database "postgres".</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    /// <summary>PostgreSQL's data folder.</summary>
    public string DataDirectory => _server.DataFolder;

    /// <summary>The certificates, when the server offers TLS. Connection strings here do not ask for it unless it is required.</summary>
    public TlsMaterial? Tls { get; }

    /// <summary>The streaming replica, when one was asked for. Disposing the primary disposes it.</summary>
    public PostgresServer? Replica { get; private set; }

    /// <summary>Starts a server.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which accepts connections.</returns>
    public static Task<PostgresServer> StartAsync(PostgresServerOptions? options = null, CancellationToken cancellationToken = default) =>
        TestServers.StartAsync(() => StartCoreAsync(options ?? new PostgresServerOptions(), cancellationToken));

    /// <summary>A connection string for the superuser and a database.</summary>
    /// <param name="database">The database.</param>
    /// <returns>The connection string.</returns>
    public string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = UserName,
        Password = Password,
        Database = database,
    }.ConnectionString;

    /// <summary>Creates a database.</summary>
    /// <param name="name">Its name; null, the default, makes one up that no other test has.</param>
    /// <param name="template">The database to copy, without connections to it; null for an empty one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A connection string for the superuser and the new database.</returns>
    public async Task<string> CreateDatabaseAsync(
        string? name = null,
        string? template = null,
        CancellationToken cancellationToken = default)
    {
        name ??= "test_" + Guid.NewGuid().ToString("N");
        var copy = template is null ? "" : " TEMPLATE " + Quoted(template);
        await ExecuteAsync("CREATE DATABASE " + Quoted(name) + copy, cancellationToken).ConfigureAwait(false);
        return ConnectionStringFor(name);
    }

    /// <summary>Makes this replica a primary and waits until it accepts writes.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when it accepts writes.</returns>
    public Task PromoteAsync(CancellationToken cancellationToken = default) =>
        ExecuteAsync("SELECT pg_promote(true, 60)", cancellationToken);

    /// <summary>Waits until the replica has replayed all that the primary has written by now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the replica has caught up.</returns>
    /// <exception cref="InvalidOperationException">The server has no replica.</exception>
    public async Task WaitForReplayAsync(CancellationToken cancellationToken = default)
    {
        var replica = Replica ?? throw new InvalidOperationException("The server was started without a replica.");
        var written = (string)(await QueryAsync("SELECT pg_current_wal_flush_lsn()::text", cancellationToken).ConfigureAwait(false))!;
        while (await replica.QueryAsync($"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn", cancellationToken)
            .ConfigureAwait(false) is not true)
        {
            await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a statement as the superuser in the database "postgres", on a connection of its own.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends with the statement.</returns>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken = default) => QueryAsync(sql, cancellationToken);

    /// <summary>Runs a query as the superuser in the database "postgres", on a connection of its own.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first column of the first row; null when there is none.</returns>
    public async Task<object?> QueryAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (Replica is { } replica)
            await replica.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private static async Task<PostgresServer> StartCoreAsync(PostgresServerOptions options, CancellationToken cancellationToken)
    {
        var server = await LaunchAsync(
            "postgres",
            options,
            PostgresTemplate.SeedAsync,
            (folder, tls) => TlsMaterial.CreateAsync(folder, tls, cancellationToken),
            cancellationToken)
            .ConfigureAwait(false);
        try
        {
            if (options.Password is { } password)
            {
                await server.ExecuteAsync(
                    $"ALTER ROLE {PrivatePostgres.UserName} PASSWORD '{password.Replace("'", "''", StringComparison.Ordinal)}'",
                    cancellationToken)
                    .ConfigureAwait(false);
                server._password = password;
            }

            if (options.Replica || options.SynchronousReplica)
                await server.AddReplicaAsync(options, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<PostgresServer> LaunchAsync(
        string name,
        PostgresServerOptions options,
        Func<string, string, CancellationToken, Task> seed,
        Func<string, TlsOptions, Task<TlsMaterial>> makeTls,
        CancellationToken cancellationToken)
    {
        var folder = (options.Durable ? TestRun.OnDisk : TestRun.Current).NewFolder(name);
        var settings = new Dictionary<string, string>(options.Settings, StringComparer.Ordinal);

        // Enough for a replica that is frozen or away for a while.
        settings.TryAdd("wal_keep_size", "256MB");
        var tls = options.Tls is null ? null : await makeTls(folder, options.Tls).ConfigureAwait(false);
        if (tls is not null)
        {
            (settings["ssl"], settings["ssl_cert_file"], settings["ssl_key_file"]) = ("on", tls.CertificatePath, tls.KeyPath);
            if (options.Tls!.Required)
                settings["hba_file"] = await WriteTlsOnlyAccessAsync(folder, cancellationToken).ConfigureAwait(false);
        }

        var server = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions { Folder = folder, Settings = settings, Durable = options.Durable, Disposable = true, Seed = seed },
            logger: null,
            cancellationToken).ConfigureAwait(false);
        return new PostgresServer(server, tls);
    }

    private static async Task<string> WriteTlsOnlyAccessAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "tls_hba.conf");
        await PrivateFile.WriteAsync(
            path,
            "hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl replication all 127.0.0.1/32 scram-sha-256\n",
            cancellationToken).ConfigureAwait(false);
        return path;
    }

    private async Task AddReplicaAsync(PostgresServerOptions options, CancellationToken cancellationToken)
    {
        Replica = await LaunchAsync(
            "replica",
            options,
            CopyPrimaryAsync,
            (folder, _) => Tls!.CopyAsync(folder, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        Replica._password = Password;
        if (!options.SynchronousReplica)
            return;
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'", cancellationToken).ConfigureAwait(false);
        await ExecuteAsync("SELECT pg_reload_conf()", cancellationToken).ConfigureAwait(false);
        while (await QueryAsync("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", cancellationToken).ConfigureAwait(
            false) is not > 0L)
        {
            await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        }

        // The checkpointer publishes the setting to the sessions; a checkpoint shows that it has read it.
        await ExecuteAsync("CHECKPOINT", cancellationToken).ConfigureAwait(false);
    }

    private async Task CopyPrimaryAsync(string dataFolder, string passwordPath, CancellationToken cancellationToken)
    {
        await PrivateFile.WriteAsync(passwordPath, Password + "\n", cancellationToken).ConfigureAwait(false);
        await Tool.RunAsync(
            [
                _server.Programs["pg_basebackup"], "--pgdata="
                    + dataFolder, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
                "--host=" + Host, "--port=" + Port.ToString(CultureInfo.InvariantCulture), "--username=" + UserName,
            ],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PGPASSWORD"] = Password, ["PGAPPNAME"] = "replica" },
            cancellationToken).ConfigureAwait(false);
    }

    private static string Quoted(string identifier) => "\"" + identifier.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
