using System.Globalization;
using Microsoft.Extensions.Logging;
using PrivateServers.Folders;
using PrivateServers.Lifecycle;
using PrivateServers.Processes;
using PrivateServers.Users;

namespace PrivateServers.Postgres;

/// <summary>
/// A private PostgreSQL. The superuser "postgres" has a generated password in the file "password" (mode 0600) of the folder;
/// every connection proves it (SCRAM). The next start in the same folder finds all data again, also after a crash.
/// </summary>
/// <example><code>
/// await using var postgres = await PrivatePostgres.StartAsync(new() { Folder = "data/postgres", Database = "config" });
/// await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
/// </code></example>
public sealed class PrivatePostgres : PrivateServer
{
    /// <summary>The superuser's name.</summary>
    public const string UserName = "postgres";

    private readonly PrivatePostgresOptions _options;
    private readonly PostgresPrograms _programs;
    private readonly ServerUser _user;

    private PrivatePostgres(PrivatePostgresOptions options, PostgresPrograms programs, ServerUser user, ILogger? logger)
        : base("PostgreSQL", options, logger)
    {
        _options = options;
        _programs = programs;
        _user = user;
    }

    /// <summary>The superuser's password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>PostgreSQL's own data folder.</summary>
    public string DataFolder => Path.Combine(Folder, "data");

    /// <summary>
    /// A connection string in Npgsql's words, for the superuser and <see cref="PrivatePostgresOptions.Database"/> (else "postgres"). Holds
    /// the password.
    /// </summary>
    public string ConnectionString =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Host={Host};Port={Port};Username={UserName};Password={Password};Database={_options.Database ?? "postgres"}");

    private string PasswordPath => Path.Combine(Folder, "password");

    /// <summary>Starts the server; the first start in a folder creates the data.</summary>
    /// <param name="options">Folder, port and settings.</param>
    /// <param name="logger">Receives starts and stops; null for none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which accepts connections; dispose it to stop it.</returns>
    /// <exception cref="ServerMissingException">PostgreSQL is not installed.</exception>
    /// <exception cref="ServerStartException">The folder is in use, belongs to another major version, or the server failed; the message
    /// says which.</exception>
    public static async Task<PrivatePostgres> StartAsync(
        PrivatePostgresOptions options, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var programs = await PostgresPrograms.FindAsync(cancellationToken).ConfigureAwait(false);
        var server = new PrivatePostgres(options, programs, await ServerUser.GetAsync().ConfigureAwait(false), logger);
        await server.FirstStartAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await server.CreateDatabaseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return server;
    }

    internal PostgresPrograms Programs => _programs;

    internal ServerUser User => _user;

    private protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var versionFile = Path.Combine(DataFolder, "PG_VERSION");
        if (File.Exists(versionFile))
        {
            var version = (await File.ReadAllTextAsync(versionFile, cancellationToken).ConfigureAwait(false)).Trim();
            if (!string.Equals(version, _programs.MajorVersion, StringComparison.Ordinal))
            {
                throw new ServerStartException(
                    $"'{DataFolder}' was made by PostgreSQL {version}, but PostgreSQL {_programs.Version} is installed. Install "
                    + $"{version} again" +
                    " (or point DATA_POSTGRES_BIN at it), or carry the data over with pg_dumpall or pg_upgrade.");
            }
        }
        else
        {
            Log.Creating(Logger, Name);
            await CreateDataAsync(cancellationToken).ConfigureAwait(false);
        }

        Password = await PrivateFile.SecretAsync(PasswordPath, cancellationToken).ConfigureAwait(false);
        RemoveStalePidFile();
    }

    private protected override async Task<GuardedCommand> CommandAsync(CancellationToken cancellationToken)
    {
        var text = PostgresSettings.Text(DataFolder, Folder, Port, _options.Durable, _options.Settings);
        await PrivateFile.WriteAsync(Path.Combine(DataFolder, PostgresSettings.FileName), text, cancellationToken).ConfigureAwait(false);
        await _user.OwnAsync(Folder, cancellationToken).ConfigureAwait(false);
        RemoveStalePidFile();
        var words = _user.Wrap(_programs["postgres"], "-D", DataFolder);
        return new GuardedCommand(words[0], [.. words.Skip(1)])
        {
            WorkingDirectory = Folder,
            LogFile = LogPath,
            StopSignal = _options.Disposable ? Signal.Quit : Signal.Int,
            StopPatience = TimeSpan.FromSeconds(_options.Disposable ? 5 : 30),
        };
    }

    private protected override Task<bool> IsServingAsync(ProcessIdentity server, CancellationToken cancellationToken) =>
        Task.FromResult(PostmasterFile.Read(DataFolder) is { IsReady: true } file && file.ProcessId == server.Id);

    private protected override void CleanAfterCrash()
    {
        if (_options.Disposable)
            PostmasterFile.Read(DataFolder)?.FreeSharedMemory();
    }

    private async Task CreateDataAsync(CancellationToken cancellationToken)
    {
        // Made beside and renamed, so that a crash half-way leaves no folder that looks like a database.
        var making = DataFolder + ".new";
        if (Directory.Exists(making))
            Directory.Delete(making, recursive: true);
        if (_options.Seed is { } seed)
            await seed(making, PasswordPath, cancellationToken).ConfigureAwait(false);
        else
            await InitialiseAsync(_programs, _user, making, PasswordPath, cancellationToken).ConfigureAwait(false);
        Directory.Move(making, DataFolder);
    }

    /// <summary>Runs initdb; the password file is made when it is missing.</summary>
    internal static async Task InitialiseAsync(
        PostgresPrograms programs, ServerUser user, string dataFolder, string passwordPath, CancellationToken cancellationToken)
    {
        await PrivateFile.SecretAsync(passwordPath, cancellationToken).ConfigureAwait(false);
        Directory.CreateDirectory(dataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await user.OwnAsync(Path.GetDirectoryName(dataFolder)!, cancellationToken).ConfigureAwait(false);
        await Tool.RunAsync(
            user.Wrap(
                programs["initdb"], "--pgdata=" + dataFolder, "--username=" + UserName, "--pwfile=" + passwordPath, "--auth=scram-sha-256",
                "--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums"),
            environment: null,
            cancellationToken).ConfigureAwait(false);
        await File.AppendAllTextAsync(
            Path.Combine(
                dataFolder,
                "postgresql.conf"), $"\ninclude_if_exists = '{PostgresSettings.FileName}'\n", cancellationToken).ConfigureAwait(false);
    }

    private async Task CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        if (_options.Database is not { } database)
            return;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PGPASSWORD"] = Password };
        string[] server = ["-h", Host, "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", UserName];
        var question = "SELECT 'there' FROM pg_database WHERE datname = '" + database.Replace("'", "''", StringComparison.Ordinal) + "'";
        var answer = await Tool.RunAsync(
            [_programs["psql"], "-XAt", .. server, "-d", "postgres", "-c", question],
            environment,
            cancellationToken)
            .ConfigureAwait(false);
        if (answer.Length == 0)
            await Tool.RunAsync([_programs["createdb"], .. server, "--", database], environment, cancellationToken).ConfigureAwait(false);
    }

    // The folder is ours alone (see FolderOwnership), yet PostgreSQL would refuse to start when a stranger now has the old id.
    private void RemoveStalePidFile()
    {
        if (PostmasterFile.Read(DataFolder) is not { } file)
            return;
        if (file.IsServerOf(DataFolder))
        {
            throw new ServerStartException(
                $"A PostgreSQL that was not started here (process {file.ProcessId}) runs in '{DataFolder}'. Stop it first.");
        }

        // The old server's shared memory stays: by it the new one finds and removes what else the old one left.
        File.Delete(PostmasterFile.PathIn(DataFolder));
        Log.Stale(Logger, Name, "postmaster.pid");
    }
}
