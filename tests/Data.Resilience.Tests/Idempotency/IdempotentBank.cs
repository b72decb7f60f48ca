using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>Banks with a table of keys.</summary>
internal static class IdempotentBank
{
    public static async Task<BankDatabase> CreateAsync(
        Action<IdempotencyOptions>? configure = null,
        Action<DataResilienceOptions>? sessions = null,
        PostgresServer? server = null,
        Action<DataResilienceBuilder<Bank>>? build = null)
    {
        var bank = await BankDatabase.CreateAsync(
            sessions,
            builder =>
            {
                builder.AddIdempotency(configure ?? (_ => { }));
                build?.Invoke(builder);
            },
            server);
        await ExecuteAsync(bank.ConnectionString, SqlOf(migration => migration.CreateIdempotencyKeys()));
        return bank;
    }

    /// <summary>Makes sessions with keys over an existing database, for instance through a proxy.</summary>
    public static BankDatabase Connect(string connectionString, Action<DataResilienceOptions>? sessions = null) =>
        BankDatabase.Connect(connectionString, sessions, builder => builder.AddIdempotency());

    /// <summary>Returns the statements of a migration's step.</summary>
    public static string SqlOf(Action<MigrationBuilder> step)
    {
        var builder = new MigrationBuilder("Npgsql.EntityFrameworkCore.PostgreSQL");
        step(builder);
        return string.Join('\n', builder.Operations.Cast<SqlOperation>().Select(operation => operation.Sql));
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Takes one from account 1 and returns what is left.</summary>
    public static async Task<long> TakeOneAsync(IDbSession<Bank> session, CancellationToken token)
    {
        await session.Context.Accounts.Where(row => row.Id == 1)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, row => row.Balance - 1), token);
        return await session.Context.Accounts.Where(row => row.Id == 1).Select(row => row.Balance).SingleAsync(token);
    }

    public static Task<long> KeyCountAsync(BankDatabase bank) => bank.ScalarAsync<long>("SELECT count(*) FROM idempotency_keys");
}
