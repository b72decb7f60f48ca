using Data.TestServers.Folders;
using Data.TestServers.Redis;
using PrivateServers.Redis;

namespace Data.TestServers;

/// <summary>A Redis of a test: single, or a node of a <see cref="RedisCluster"/>.</summary>
public sealed class RedisServer : TestServer
{
    private readonly PrivateRedis _server;

    private RedisServer(PrivateRedis server, TlsMaterial? tls)
        : base(server)
    {
        _server = server;
        Tls = tls;
    }

    /// <summary>Host and port, such as "127.0.0.1:12345".</summary>
    public string EndPoint => _server.EndPoint;

    /// <summary>The password; empty when none is asked for.</summary>
    public string Password => _server.Password;

    /// <summary>The certificates, when the server speaks TLS.</summary>
    public TlsMaterial? Tls { get; }

    /// <summary>
    /// A connection string in StackExchange.Redis's words. With TLS the client must also be told to trust
    /// <see cref="TlsMaterial.AuthorityPath"/>.
    /// </summary>
    public string ConnectionString => _server.ConnectionString + (Tls is null ? "" : ",ssl=true,sslHost=localhost");

    /// <summary>Starts a server.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which answers.</returns>
    public static Task<RedisServer> StartAsync(RedisServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisServerOptions();
        return TestServers.StartAsync(async () =>
        {
            var folder = TestRun.Current.NewFolder("redis");
            var tls = options.Tls is null ?
                null :
                await TlsMaterial.CreateAsync(folder, options.Tls, cancellationToken).ConfigureAwait(false);
            var server = await PrivateRedis.StartAsync(
                new PrivateRedisOptions
                {
                    Folder = folder,
                    Password = options.Password ?? "",
                    Persistent = options.Persistent,
                    Environment = options.SettableClock ?
                        await SettableClock.EnvironmentAsync(folder, cancellationToken).ConfigureAwait(false) :
                        new Dictionary<string, string>(StringComparer.Ordinal),
                    Settings = new Dictionary<string, string>(options.Settings, StringComparer.Ordinal),
                    Tls = tls is null ? null : (tls.CertificatePath, tls.KeyPath),
                },
                logger: null,
                cancellationToken).ConfigureAwait(false);
            return new RedisServer(server, tls);
        });
    }

    /// <summary>Sets the server's clock, as an administrator or a time service does; timers go on.</summary>
    /// <param name="ahead">How far it is ahead of the machine's clock; negative when it is behind.</param>
    /// <returns>A task that ends when the server's time is that.</returns>
    public Task SetClockAsync(TimeSpan ahead) => SettableClock.SetAsync(Folder, ahead);

    /// <summary>Runs a command on a connection of its own, such as <c>ExecuteAsync("CONFIG", "SET", "maxmemory", "2mb")</c>.</summary>
    /// <param name="words">The command and its arguments.</param>
    /// <returns>A string, a long, null, or an array of these.</returns>
    /// <exception cref="InvalidOperationException">Redis answered with an error; the message holds it.</exception>
    public async Task<object?> ExecuteAsync(params IReadOnlyList<string> words)
    {
        using var connection = await RespConnection.OpenAsync(this, CancellationToken.None).ConfigureAwait(false);
        return await connection.ExecuteAsync(words, CancellationToken.None).ConfigureAwait(false);
    }
}
