using Data.TestServers.Folders;
using Data.TestServers.PgVector;
using Npgsql;

namespace Data.TestServers;

/// <summary>A PostgreSQL with the extension vector of a test; its data survives a stop or a kill.</summary>
/// <remarks>
/// All its connections share one session: one role, one transaction. So that calls follow one another, all of a process use
/// <see cref="DataSource"/>, which holds one connection. It is the superuser's; <see cref="NewDataSource"/> sets another role.
/// </remarks>
public sealed class PgVectorServer : TestServer
{
    private readonly Lazy<NpgsqlDataSource> _source;

    private PgVectorServer(PrivatePgVector server)
        : base(server) => _source = new Lazy<NpgsqlDataSource>(() => NewDataSource());

    /// <summary>The one connection of the server, handed to one caller at a time.</summary>
    public NpgsqlDataSource DataSource => _source.Value;

    /// <summary>Starts a server.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The server, which accepts connections.</returns>
    public static Task<PgVectorServer> StartAsync(CancellationToken cancellationToken = default) => TestServers.StartAsync(
        async () => new PgVectorServer(
            await PrivatePgVector.StartAsync(TestRun.Current.NewFolder("pgvector"), cancellationToken).ConfigureAwait(false)));

    /// <summary>Creates a data source of one connection; no other one may be used at the same time.</summary>
    /// <param name="setUp">The statement that each new connection begins with, such as SET SESSION AUTHORIZATION; null for none.</param>
    /// <param name="port">The port of a proxy before the server; null for the server's own.</param>
    /// <returns>The data source; the caller disposes it.</returns>
    public NpgsqlDataSource NewDataSource(string? setUp = null, int? port = null)
    {
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = port ?? Port,
            Username = "postgres",
            Password = "postgres",
            Database = "postgres",
            MaxPoolSize = 1,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,

            // Many tests wait for their turn; and a reset would take the role back.
            Timeout = 300,
            NoResetOnClose = true,
        }.ConnectionString);
        if (setUp is not null)
        {
            builder.UsePhysicalConnectionInitializer(
                connection =>
                {
                    using var command = new NpgsqlCommand(setUp, connection);
                    command.ExecuteNonQuery();
                },
                async connection =>
                {
                    await using var command = new NpgsqlCommand(setUp, connection);
                    await command.ExecuteNonQueryAsync().ConfigureAwait(false);
                });
        }

        return builder.Build();
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (_source.IsValueCreated)
            await _source.Value.DisposeAsync().ConfigureAwait(false);

        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }
}
