using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PrivateServers;
using PrivateServers.Binaries;
using PrivateServers.Processes;

namespace Data.TestServers.PgVector;

/// <summary>
/// A PostgreSQL with the extension vector, compiled to WebAssembly and run by Node.js. It takes any login for its superuser.
/// </summary>
internal sealed class PrivatePgVector : PrivateServer
{
    private const string Script = """
        const [home, folder, port] = process.argv.slice(1);
        const load = require('module').createRequire(home + '/');
        const { PGlite } = load('@electric-sql/pglite'), { vector } = load('@electric-sql/pglite-pgvector');
        const { PGLiteSocketServer } = load('@electric-sql/pglite-socket');
        (async () => {
          const db = await PGlite.create({ dataDir: folder, extensions: { vector } });
          const endpoint = new PGLiteSocketServer({ db, host: '127.0.0.1', port: Number(port), maxConnections: 16 });
          await endpoint.start();

          // It cannot cancel, and leaves the connection of a request to cancel open, for whose end drivers wait.
          endpoint.server.on('connection', socket => setImmediate(() => socket.once('data', first => {
            if (first.length === 16 && first.readInt32BE(4) === 80877102) socket.destroy();
          })));
        })();
        """;

    private readonly string _node;
    private readonly string _home;

    private PrivatePgVector(FolderOptions folder, string node, string home)
        : base("pgvector", folder, logger: null)
    {
        _node = node;
        _home = home;
    }

    internal static async Task<PrivatePgVector> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var server = new PrivatePgVector(
            new FolderOptions { Folder = folder, StartTimeout = TimeSpan.FromMinutes(2) },
            ServerBinaries.Node("pgvector"),
            ServerBinaries.PgVectorHome());
        await server.FirstStartAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    private protected override Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // What it acknowledged is in its write-ahead log: it need not be stopped in order.
    private protected override Task<GuardedCommand> CommandAsync(CancellationToken cancellationToken) => Task.FromResult(
        new GuardedCommand(
            _node,
            ["-e", Script, _home, Path.Combine(Folder, "data"), Port.ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = Folder,
            LogFile = LogPath,
            StopSignal = Signal.Kill,
        });

    private protected override async Task<bool> IsServingAsync(ProcessIdentity server, CancellationToken cancellationToken)
    {
        // It listens once the database is open.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken).ConfigureAwait(false);
        return true;
    }

    internal sealed class FolderOptions : PrivateServerOptions;
}
