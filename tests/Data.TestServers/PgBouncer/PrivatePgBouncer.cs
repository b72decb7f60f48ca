using System.Globalization;
using System.Text;
using PrivateServers;
using PrivateServers.Binaries;
using PrivateServers.Folders;
using PrivateServers.Processes;
using PrivateServers.Users;

namespace Data.TestServers.PgBouncer;

/// <summary>PgBouncer before a PostgreSQL of ours. Clients prove their PostgreSQL password (SCRAM); any role may log in.</summary>
internal sealed class PrivatePgBouncer : PrivateServer
{
    private readonly PostgresServer _postgres;
    private readonly PgBouncerServerOptions _options;
    private readonly string _program;
    private readonly ServerUser _user;

    private PrivatePgBouncer(FolderOptions folder, PostgresServer postgres, PgBouncerServerOptions options, string program, ServerUser user)
        : base("PgBouncer", folder, logger: null)
    {
        _postgres = postgres;
        _options = options;
        _program = program;
        _user = user;
    }

    internal static async Task<PrivatePgBouncer> StartAsync(
        string folder, PostgresServer postgres, PgBouncerServerOptions options, CancellationToken cancellationToken)
    {
        var program = ServerBinaries.PgBouncer();
        var user = await ServerUser.GetAsync().ConfigureAwait(false);
        var server = new PrivatePgBouncer(new FolderOptions { Folder = folder }, postgres, options, program, user);
        await server.FirstStartAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    private protected override Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected override async Task<GuardedCommand> CommandAsync(CancellationToken cancellationToken)
    {
        var users = Path.Combine(Folder, "users.txt");
        var password = _postgres.Password.Replace("\"", "\"\"", StringComparison.Ordinal);
        await PrivateFile.WriteAsync(users, $"\"{_postgres.UserName}\" \"{password}\"\n", cancellationToken).ConfigureAwait(false);

        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["pool_mode"] = _options.PoolMode,
            ["default_pool_size"] = _options.PoolSize.ToString(CultureInfo.InvariantCulture),
            ["max_client_conn"] = "1000",
            ["ignore_startup_parameters"] = "extra_float_digits",
            ["server_login_retry"] = "0",
        };
        foreach (var (name, value) in _options.Settings)
            settings[name] = value;
        settings["listen_addr"] = Host;
        settings["listen_port"] = Port.ToString(CultureInfo.InvariantCulture);
        settings["unix_socket_dir"] = "";
        settings["auth_type"] = "scram-sha-256";
        settings["auth_file"] = users;
        settings["auth_user"] = _postgres.UserName;

        var text = new StringBuilder();
        var port = _options.ServerPort ?? _postgres.Port;
        text.Append(CultureInfo.InvariantCulture, $"[databases]\n* = host={_postgres.Host} port={port}\n[pgbouncer]\n");
        foreach (var (name, value) in settings)
            text.Append(CultureInfo.InvariantCulture, $"{name} = {value}\n");
        var file = Path.Combine(Folder, "pgbouncer.ini");
        await PrivateFile.WriteAsync(file, text.ToString(), cancellationToken).ConfigureAwait(false);
        await _user.OwnAsync(Folder, cancellationToken).ConfigureAwait(false);
        var words = _user.Wrap(_program, file);
        return new GuardedCommand(words[0], [.. words.Skip(1)])
        {
            WorkingDirectory = Folder,
            LogFile = LogPath,
            StopSignal = Signal.Term,

            // Newer versions wait on SIGTERM for their clients to leave.
            StopPatience = TimeSpan.FromSeconds(1),
        };
    }

    private protected override async Task<bool> IsServingAsync(ProcessIdentity server, CancellationToken cancellationToken)
    {
        // A plain-text SSLRequest: "S" or "N" comes back from anything that speaks PostgreSQL's protocol.
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork,
            System.Net.Sockets.SocketType.Stream,
            System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(Host, Port, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(new byte[] { 0, 0, 0, 8, 4, 210, 22, 47 }, cancellationToken).ConfigureAwait(false);
        return await socket.ReceiveAsync(new byte[1], cancellationToken).ConfigureAwait(false) == 1;
    }

    internal sealed class FolderOptions : PrivateServerOptions;
}
