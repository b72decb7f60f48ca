using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using PrivateServers.Binaries;
using PrivateServers.Processes;

namespace PrivateServers.Chroma;

/// <summary>A private Chroma, loaded from its npm package by Node.js. It has no authentication of its own.</summary>
public sealed class PrivateChroma : PrivateServer
{
    private static readonly HttpClient Client = new(
        new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(1) });
    private readonly string _node;
    private readonly string _module;

    private PrivateChroma(PrivateChromaOptions options, string node, string module, ILogger? logger)
        : base("Chroma", options, logger)
    {
        _node = node;
        _module = module;
    }

    /// <summary>The address of the REST API, without a path.</summary>
    public Uri BaseAddress => new(string.Create(CultureInfo.InvariantCulture, $"http://{Host}:{Port}/"));

    /// <summary>Starts the server.</summary>
    /// <param name="options">Folder and port.</param>
    /// <param name="logger">Receives starts and stops; null for none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, whose heartbeat answers; dispose it to stop it.</returns>
    /// <exception cref="ServerMissingException">Chroma or Node.js is not installed.</exception>
    /// <exception cref="ServerStartException">The folder is in use or the server failed; the message says which.</exception>
    public static async Task<PrivateChroma> StartAsync(
        PrivateChromaOptions options,
        ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var server = new PrivateChroma(options, ServerBinaries.Node("chroma"), ServerBinaries.ChromaModule(), logger);
        await server.FirstStartAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    private protected override Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected override Task<GuardedCommand> CommandAsync(CancellationToken cancellationToken)
    {
        // The package's own command line asks the registry for newer versions; the module beneath does not.
        string[] words = ["chroma", "run", "--path", Path.Combine(Folder, "data"), "--host", Host, "--port", Port.ToString(
            CultureInfo.InvariantCulture)];
        var script = $"require({JsonSerializer.Serialize(_module)}).cli({JsonSerializer.Serialize(words)})";

        // SIGTERM can leave it spinning for ever; what it acknowledged survives SIGKILL.
        return Task.FromResult(
            new GuardedCommand(_node, ["-e", script]) { WorkingDirectory = Folder, LogFile = LogPath, StopSignal = Signal.Kill });
    }

    private protected override async Task<bool> IsServingAsync(ProcessIdentity server, CancellationToken cancellationToken)
    {
        using var answer = await Client.GetAsync(new Uri(BaseAddress, "api/v2/heartbeat"), cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode;
    }
}
