using System.Collections.Concurrent;
using System.Data;
using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.FaultTests.Resilience;

/// <summary>
/// The connection is cut after every byte of a write with an idempotency key, and the client calls again with the same key: one effect, and
/// the same result both times.
/// </summary>
public sealed class IdempotencyEveryByteTests
{
    private const int Clients = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Direction.ToServer, CutKind.Reset, IsolationLevel.ReadCommitted)]
    [InlineData(Direction.ToClient, CutKind.Close, IsolationLevel.Serializable)]
    public async Task WriteAsync_CutAfterEveryByteAndCalledAgain_HasOneEffectAndOneResult(
        Direction direction, CutKind kind, IsolationLevel level)
    {
        var server = await SharedServers.PostgresAsync();
        var connectionString = await server.CreateDatabaseAsync(cancellationToken: Token);
        var migration = new MigrationBuilder("Npgsql");
        migration.CreateIdempotencyKeys();
        await ExecuteAsync(connectionString, "CREATE TABLE effects (key int, effect bigserial)");
        await ExecuteAsync(connectionString, migration.Operations.Cast<SqlOperation>().Single().Sql);
        var results = new ConcurrentDictionary<int, long>();
        var next = -1;
        var cuts = 0;
        var length = int.MaxValue;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            await using var proxy = await FaultProxy.StartAsync(server);
            await using var services = Connect(connectionString, proxy.Port);
            var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
            while (Interlocked.Increment(ref next) is var bytes && bytes < Volatile.Read(ref length))
            {
                // A warm connection first, so that the cut falls into the write and not into the log-in.
                await sessions.ReadRawAsync((connection, _) => Task.FromResult(connection.State), cancellationToken: Token);
                var cut = proxy.CutOpenAfter(direction, bytes, kind);
                var options = new DbSessionOptions { IdempotencyKey = $"{bytes}", IsolationLevel = level, MaxRetryAttempts = 30 };
                var first = await sessions.WriteRawAsync((connection, token) => AddAsync(connection, bytes, token), options, Token);
                if (!cut.Happened.IsCompleted)
                {
                    Volatile.Write(ref length, Math.Min(bytes, Volatile.Read(ref length)));
                    proxy.ClearCuts();
                }
                else
                {
                    Interlocked.Increment(ref cuts);
                }

                var second = await sessions.WriteRawAsync((connection, token) => AddAsync(connection, bytes, token), options, Token);
                second.ShouldBe(first);
                results[bytes] = first;
            }
        })));

        var effects = new Dictionary<int, long>();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("SELECT key, effect FROM effects");
        await using var reader = await command.ExecuteReaderAsync(Token);
        while (await reader.ReadAsync(Token))
            effects.Add(reader.GetInt32(0), reader.GetInt64(1));

        effects.ShouldBe(results, ignoreOrder: true);
        cuts.ShouldBeGreaterThan(300);
    }

    private static async Task<long> AddAsync(NpgsqlConnection connection, int key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"INSERT INTO effects VALUES ({key}) RETURNING effect", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static ServiceProvider Connect(string connectionString, int port)
    {
        var services = new ServiceCollection();
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Port = port, MaxPoolSize = 1 };
        services.AddDataResilience<LedgerContext>(options =>
        {
            options.ConnectionString = settings.ConnectionString;
            options.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
            options.CircuitBreaker.Enabled = false;
            options.Retry.BudgetTokens = 0;
        }).AddIdempotency();
        return services.BuildServiceProvider();
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
