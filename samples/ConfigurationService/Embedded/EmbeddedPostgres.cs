using ConfigurationService.Settings;
using PrivateServers.Postgres;

namespace ConfigurationService.Embedded;

/// <summary>The private PostgreSQL of embedded mode, under the data folder: started before the service and stopped after it.</summary>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string Database = "configuration";

    private readonly PrivatePostgres _server;

    private EmbeddedPostgres(PrivatePostgres server) => _server = server;

    /// <summary>Login of the owner. The port may be another one after each start.</summary>
    public string ConnectionString => _server.ConnectionString;

    public static async Task<EmbeddedPostgres> StartAsync(StorageSettings settings, ILogger logger, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(settings.DataDirectory);
        var options = new PrivatePostgresOptions { Folder = Path.Combine(settings.DataDirectory, "postgres"), Database = Database };
        return new EmbeddedPostgres(await PrivatePostgres.StartAsync(options, logger, cancellationToken));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
