using ConfigurationService.Encryption;
using ConfigurationService.Settings;
using PrivateServers;
using PrivateServers.Postgres;

namespace ConfigurationService.Embedded;

/// <summary>The private PostgreSQL of embedded mode, under the data folder: started before the service and stopped after it.</summary>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string Database = "configuration";

    private EmbeddedPostgres(PrivatePostgres server, string owner)
    {
        Server = server;
        Owner = owner;
    }

    public PrivatePostgres Server { get; }

    /// <summary>Login of the database's owner, who is no superuser. The port may be another one after each start.</summary>
    public string Owner { get; }

    /// <summary>Starts the private server.</summary>
    /// <exception cref="SettingsException">The folder is in use, or the server cannot be started from it.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        StorageSettings settings, KeyEncryptionKey kek, ILogger logger, CancellationToken cancellationToken)
    {
        var options = new PrivatePostgresOptions { Folder = Path.Combine(settings.DataDirectory, "postgres"), Database = Database };
        PrivatePostgres server;
        try
        {
            server = await PrivatePostgres.StartAsync(options, logger, cancellationToken);
        }
        catch (Exception e) when (e is ServerStartException or ServerMissingException)
        {
            throw new SettingsException([$"DATA_DIR: {e.Message}"]);
        }

        try
        {
            return new EmbeddedPostgres(server, await EmbeddedLogins.PrepareAsync(server.ConnectionString, kek, cancellationToken));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
