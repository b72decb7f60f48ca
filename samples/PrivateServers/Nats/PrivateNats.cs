using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using PrivateServers.Binaries;
using PrivateServers.Folders;
using PrivateServers.Ports;
using PrivateServers.Processes;

namespace PrivateServers.Nats;

/// <summary>A private NATS server; by default it asks for a generated token.</summary>
public sealed class PrivateNats : PrivateServer
{
    private readonly PrivateNatsOptions _options;
    private readonly string _program;

    private PrivateNats(PrivateNatsOptions options, string program, ILogger? logger)
        : base("NATS", options, logger)
    {
        _options = options;
        _program = program;
    }

    /// <summary>The token; empty when none is asked for.</summary>
    public string Token { get; private set; } = "";

    /// <summary>The address in the words of NATS's clients. Holds the token.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://{(Token.Length == 0 ? "" : Token + "@")}{Host}:{Port}");

    /// <summary>Starts the server.</summary>
    /// <param name="options">Folder, port, token and settings.</param>
    /// <param name="logger">Receives starts and stops; null for none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which greets clients; dispose it to stop it.</returns>
    /// <exception cref="ServerMissingException">NATS is not installed.</exception>
    /// <exception cref="ServerStartException">The folder is in use or the server failed; the message says which.</exception>
    public static async Task<PrivateNats> StartAsync(
        PrivateNatsOptions options,
        ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var server = new PrivateNats(options, ServerBinaries.Nats(), logger);
        await server.FirstStartAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    private protected override async Task PrepareAsync(CancellationToken cancellationToken) =>
        Token = _options.Token ?? await PrivateFile.SecretAsync(Path.Combine(Folder, "token"), cancellationToken).ConfigureAwait(false);

    private protected override async Task<GuardedCommand> CommandAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"host: \"{Host}\"\nport: {Port}\n");
        if (Token.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"authorization {{ token: \"{Token}\" }}\n");
        foreach (var (name, value) in _options.Settings)
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        var file = Path.Combine(Folder, "nats.conf");
        await PrivateFile.WriteAsync(file, text.ToString(), cancellationToken).ConfigureAwait(false);

        // Go leaves SIGINT ignored when a shell started it in the background, so SIGTERM it is.
        return new GuardedCommand(_program, ["-c", file]) { WorkingDirectory = Folder, LogFile = LogPath, StopSignal = Signal.Term };
    }

    private protected override async Task<bool> IsServingAsync(ProcessIdentity server, CancellationToken cancellationToken) =>
        (await LoopbackProbe.AskAsync(Port, "", cancellationToken).ConfigureAwait(false)).StartsWith("INFO ", StringComparison.Ordinal);
}
