using System.Globalization;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Data.Benchmarks.Resilience;

/// <summary>What the outbox benchmarks share.</summary>
internal static class OutboxBench
{
    private static readonly byte[] Payload = new byte[200];

    public static async Task CreateTablesAsync(string connectionString)
    {
        var migration = new MigrationBuilder("Npgsql.EntityFrameworkCore.PostgreSQL");
        migration.CreateOutbox();
        await ExecuteAsync(connectionString, string.Concat(migration.Operations.Cast<SqlOperation>().Select(static o => o.Sql)));
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Inserts an item and, when told so, adds a message.</summary>
    public static async Task<int> InsertAsync(IDbSession<ItemContext> session, int call, bool adds, CancellationToken token)
    {
        session.Context.Items.Add(new Item { Name = "new", Price = call });
        if (adds)
            session.Outbox.Add("item-added", call.ToString(CultureInfo.InvariantCulture), Payload);

        return await session.Context.SaveChangesAsync(token);
    }

    /// <summary>Runs the hosted services of a registration until disposed.</summary>
    public static async Task<IAsyncDisposable> DispatchAsync(IServiceProvider services)
    {
        var hosted = services.GetServices<IHostedService>().ToArray();
        foreach (var service in hosted)
            await service.StartAsync(CancellationToken.None);

        return new Dispatching(hosted);
    }

    private sealed class Dispatching(IHostedService[] hosted) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var service in hosted)
                await service.StopAsync(CancellationToken.None);
        }
    }
}

/// <summary>Takes every message and tells when.</summary>
internal sealed class BenchPublisher : IOutboxPublisher
{
    public Action<OutboxMessage>? Published { get; set; }

    public Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        Published?.Invoke(message);
        return Task.CompletedTask;
    }
}
