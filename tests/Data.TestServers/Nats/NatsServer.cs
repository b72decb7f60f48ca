using Data.TestServers.Folders;
using PrivateServers.Nats;

namespace Data.TestServers;

/// <summary>A NATS of a test.</summary>
public sealed class NatsServer : TestServer
{
    private readonly PrivateNats _server;

    private NatsServer(PrivateNats server)
        : base(server) => _server = server;

    /// <summary>The address in the words of NATS's clients, with the token when one is asked for.</summary>
    public string Url => _server.Url;

    /// <summary>Starts a server.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which greets clients.</returns>
    public static Task<NatsServer> StartAsync(NatsServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new NatsServerOptions();
        return TestServers.StartAsync(async () => new NatsServer(await PrivateNats.StartAsync(
            new PrivateNatsOptions
            {
                Folder = TestRun.Current.NewFolder("nats"),
                Token = options.Token ?? "",
                Settings = new Dictionary<string, string>(options.Settings, StringComparer.Ordinal),
            },
            logger: null,
            cancellationToken).ConfigureAwait(false)));
    }
}
