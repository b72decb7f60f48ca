using Data.TestServers.Folders;
using PrivateServers.Chroma;

namespace Data.TestServers;

/// <summary>A Chroma of a test; its data survives a stop or a kill.</summary>
public sealed class ChromaServer : TestServer
{
    private readonly PrivateChroma _server;

    private ChromaServer(PrivateChroma server)
        : base(server) => _server = server;

    /// <summary>The address of the REST API, without a path.</summary>
    public Uri BaseAddress => _server.BaseAddress;

    /// <summary>Starts a server.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, whose heartbeat answers.</returns>
    public static Task<ChromaServer> StartAsync(CancellationToken cancellationToken = default) =>
        TestServers.StartAsync(async () => new ChromaServer(await PrivateChroma.StartAsync(
            new PrivateChromaOptions
            {
                Folder = TestRun.Current.NewFolder("chroma")
            }, logger: null, cancellationToken).ConfigureAwait(false)));
}
