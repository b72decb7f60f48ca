using Data.TestServers.Folders;
using PrivateServers.Redis;

namespace Data.TestServers;

/// <summary>A single Redis of a test.</summary>
public sealed class RedisServer : TestServer
{
    private readonly PrivateRedis _server;

    private RedisServer(PrivateRedis server)
        : base(server) => _server = server;

    /// <summary>Host and port, such as "127.0.0.1:12345".</summary>
    public string EndPoint => _server.EndPoint;

    /// <summary>The password; empty when none is asked for.</summary>
    public string Password => _server.Password;

    /// <summary>A connection string in StackExchange.Redis's words.</summary>
    public string ConnectionString => _server.ConnectionString;

    /// <summary>Starts a server.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which answers.</returns>
    public static Task<RedisServer> StartAsync(RedisServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisServerOptions();
        return TestServers.StartAsync(async () => new RedisServer(await PrivateRedis.StartAsync(
            new PrivateRedisOptions
            {
                Folder = TestRun.Current.NewFolder("redis"),
                Password = options.Password ?? "",
                Persistent = options.Persistent,
                Settings = new Dictionary<string, string>(options.Settings, StringComparer.Ordinal),
            },
            logger: null,
            cancellationToken).ConfigureAwait(false)));
    }
}
