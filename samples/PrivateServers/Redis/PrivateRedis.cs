using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using PrivateServers.Binaries;
using PrivateServers.Folders;
using PrivateServers.Ports;
using PrivateServers.Processes;

namespace PrivateServers.Redis;

/// <summary>A private Redis; by default it keeps nothing over a restart and asks for a generated password.</summary>
public sealed class PrivateRedis : PrivateServer
{
    private readonly PrivateRedisOptions _options;
    private readonly string _program;

    private PrivateRedis(PrivateRedisOptions options, string program, ILogger? logger)
        : base("Redis", options, logger)
    {
        _options = options;
        _program = program;
    }

    /// <summary>The password; empty when none is asked for.</summary>
    public string Password { get; private set; } = "";

    /// <summary>Host and port.</summary>
    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>A connection string in StackExchange.Redis's words. Holds the password.</summary>
    public string ConnectionString => Password.Length == 0 ? EndPoint : EndPoint + ",password=" + Password;

    /// <summary>Starts the server.</summary>
    /// <param name="options">Folder, port, password and settings.</param>
    /// <param name="logger">Receives starts and stops; null for none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which answers; dispose it to stop it.</returns>
    /// <exception cref="ServerMissingException">Redis is not installed.</exception>
    /// <exception cref="ServerStartException">The folder is in use or the server failed; the message says which.</exception>
    public static async Task<PrivateRedis> StartAsync(
        PrivateRedisOptions options,
        ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var server = new PrivateRedis(options, ServerBinaries.Redis(), logger);
        await server.FirstStartAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    private protected override async Task PrepareAsync(CancellationToken cancellationToken) =>
        Password = _options.Password
            ?? await PrivateFile.SecretAsync(Path.Combine(Folder, "password"), cancellationToken).ConfigureAwait(false);

    private protected override async Task<GuardedCommand> CommandAsync(CancellationToken cancellationToken)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["save"] = "",
            ["appendonly"] = _options.Persistent ? "yes" : "no",
            ["appendfsync"] = "everysec",
            ["daemonize"] = "no",
        };
        if (Password.Length > 0)
        {
            settings["requirepass"] = Quoted(Password);
            settings["masterauth"] = Quoted(Password);
        }

        foreach (var (name, value) in _options.Settings)
            settings[name] = value;
        settings["bind"] = Host;
        settings[_options.Tls is null ? "port" : "tls-port"] = Port.ToString(CultureInfo.InvariantCulture);
        if (_options.Tls is { } tls)
        {
            settings["port"] = "0";
            settings["tls-cert-file"] = Quoted(tls.Certificate);
            settings["tls-key-file"] = Quoted(tls.Key);
            settings["tls-auth-clients"] = "no";
        }

        settings["dir"] = Quoted(Folder);

        var text = new StringBuilder();
        foreach (var (name, value) in settings)
        {
            // A value with spaces is several arguments to most settings ("save 60 1"), so only an empty one is quoted.
            text.Append(CultureInfo.InvariantCulture, $"{name} {(value.Length == 0 ? "\"\"" : value)}\n");
        }

        var file = Path.Combine(Folder, "redis.conf");
        await PrivateFile.WriteAsync(file, text.ToString(), cancellationToken).ConfigureAwait(false);
        return new GuardedCommand(_program, [file])
        {
            WorkingDirectory = Folder,
            LogFile = LogPath,
            StopSignal = Signal.Term,
            Environment = _options.Environment,
        };
    }

    private protected override async Task<bool> IsServingAsync(ProcessIdentity server, CancellationToken cancellationToken)
    {
        // "-NOAUTH" is an answer too; "-LOADING" is not yet one.
        var answer = await LoopbackProbe.AskAsync(Port, "PING\r\n", cancellationToken, tls: _options.Tls is not null).ConfigureAwait(false);
        return answer.StartsWith("+PONG", StringComparison.Ordinal) || answer.StartsWith("-NOAUTH", StringComparison.Ordinal);
    }

    private static string Quoted(string value) =>
        "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
