using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Data.Benchmarks.Resilience;

/// <summary>
/// What the session benchmarks share: a table of items on a private server, sessions over it, and plain EF and Npgsql beside them.
/// </summary>
internal sealed class SessionBench : IAsyncDisposable
{
    // A compiled query belongs to one model, and each way of making contexts has its own.
    private readonly Func<ItemContext, int, CancellationToken, Task<Item?>> _query = Compile();
    private readonly PostgresServer _server;
    private readonly ServiceProvider _services;

    private SessionBench(PostgresServer server, string connectionString, ServiceProvider services)
    {
        ConnectionString = connectionString;
        _server = server;
        _services = services;
        Sessions = services.GetRequiredService<IDbSessionFactory<ItemContext>>();
        // The same pool for all: every side meets the same server process with the same warm caches.
        Source = services.GetRequiredKeyedService<DatabaseNode>(typeof(ItemContext)).DataSource;
        Plain = Pool(static _ => { });
        Retrying = Pool(static npgsql => npgsql.EnableRetryOnFailure());
        Resilient = Pool(static npgsql => npgsql.UseDataResilience());

        EfBaseline Pool(Action<NpgsqlDbContextOptionsBuilder> configure) => new(
            new PooledDbContextFactory<ItemContext>(
                new DbContextOptionsBuilder<ItemContext>().UseNpgsql(Source, configure).Options),
            Compile());
    }

    public IDbSessionFactory<ItemContext> Sessions { get; }

    public NpgsqlDataSource Source { get; }

    public EfBaseline Plain { get; }

    public EfBaseline Retrying { get; }

    public EfBaseline Resilient { get; }

    public IServiceProvider Services => _services;

    /// <summary>With which the sessions connect.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts a server with a table of a thousand items.</summary>
    /// <param name="through">Makes the connection string to use from the server's own; null to connect directly.</param>
    /// <param name="configure">Settings of the sessions.</param>
    /// <param name="build">What else the sessions are given.</param>
    /// <param name="serverOptions">Settings of the server; null for those of tests, which do not wait for the disk.</param>
    public static async Task<SessionBench> StartAsync(
        Func<PostgresServer, string, Task<string>>? through = null,
        Action<DataResilienceOptions>? configure = null,
        Action<DataResilienceBuilder<ItemContext>>? build = null,
        PostgresServerOptions? serverOptions = null)
    {
        var server = await PostgresServer.StartAsync(serverOptions);
        var connectionString = await server.CreateDatabaseAsync();
        await using (var connection = new NpgsqlConnection(connectionString + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(ItemContext.Schema, connection);
            await command.ExecuteNonQueryAsync();
        }

        if (through is not null)
            connectionString = await through(server, connectionString);

        var services = new ServiceCollection();
        var builder = services.AddDataResilience<ItemContext>(options =>
        {
            options.ConnectionString = connectionString;
            configure?.Invoke(options);
        });
        build?.Invoke(builder);
        return new SessionBench(server, connectionString, services.BuildServiceProvider());
    }

    /// <summary>One row by key in a session.</summary>
    public ValueTask<Item?> ReadInSessionAsync(int id) =>
        Sessions.ExecuteAsync(
            DbSessionKind.Read,
            static (session, state, token) => state.Query(session.Context, state.Id, token),
            (Query: _query, Id: id));

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static Func<ItemContext, int, CancellationToken, Task<Item?>> Compile() =>
        EF.CompileAsyncQuery(
            (ItemContext context, int id, CancellationToken _) => context.Items.AsNoTracking().FirstOrDefault(item => item.Id == id));
}

/// <summary>Pooled contexts and nothing else.</summary>
internal sealed class EfBaseline(PooledDbContextFactory<ItemContext> contexts, Func<ItemContext, int, CancellationToken, Task<Item?>> query)
{
    public Task<ItemContext> CreateContextAsync() => contexts.CreateDbContextAsync();

    /// <summary>One row by key.</summary>
    public async Task<Item?> ReadAsync(int id)
    {
        await using var context = await contexts.CreateDbContextAsync();
        return await query(context, id, CancellationToken.None);
    }
}
