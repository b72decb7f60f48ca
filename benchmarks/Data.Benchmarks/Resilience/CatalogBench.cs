using Data.Resilience;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Benchmarks.Resilience;

/// <summary>The catalogue on a private server: sessions over it, and plain EF and Npgsql beside them.</summary>
internal sealed class CatalogBench : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly string _connectionString;
    private readonly List<ServiceProvider> _providers = [];

    private CatalogBench(PostgresServer server, string connectionString)
    {
        _server = server;
        _connectionString = connectionString;
        Source = NpgsqlDataSource.Create(connectionString);
        Plain = new PooledDbContextFactory<CatalogContext>(new DbContextOptionsBuilder<CatalogContext>().UseNpgsql(Source).Options);
    }

    public NpgsqlDataSource Source { get; }

    public PooledDbContextFactory<CatalogContext> Plain { get; }

    public static async Task<CatalogBench> StartAsync()
    {
        var server = await PostgresServer.StartAsync();
        var bench = new CatalogBench(server, await server.CreateDatabaseAsync());
        await bench.ExecuteAsync(CatalogContext.Schema);
        return bench;
    }

    public IDbSessionFactory<CatalogContext> Sessions(Action<DataResilienceBuilder<CatalogContext>>? build = null)
    {
        var services = new ServiceCollection();
        var builder = services.AddDataResilience<CatalogContext>(options => options.ConnectionString = _connectionString);
        build?.Invoke(builder);
        _providers.Add(services.BuildServiceProvider());
        return _providers[^1].GetRequiredService<IDbSessionFactory<CatalogContext>>();
    }

    /// <summary>Has the sessions connect anew, to other server processes.</summary>
    public void Reconnect()
    {
        foreach (var provider in _providers)
            provider.GetRequiredKeyedService<DatabaseNode>(typeof(CatalogContext)).DataSource.Clear();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
            await provider.DisposeAsync();
        await Source.DisposeAsync();
        await _server.DisposeAsync();
    }
}
