using Data.Resilience.Inbox;
using Data.Resilience.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql;

namespace Data.FaultTests.Resilience.Outbox;

/// <summary>Counters that writers raise and tell of, and the effects that consumers make of what they are told.</summary>
internal sealed class EffectsContext(DbContextOptions<EffectsContext> options) : DbContext(options)
{
    public const int Keys = 16;

    public static async Task CreateTablesAsync(string connectionString, CancellationToken cancellationToken)
    {
        var migration = new MigrationBuilder("Npgsql.EntityFrameworkCore.PostgreSQL");
        migration.CreateOutbox();
        migration.CreateInbox();
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"""
            CREATE TABLE counters (key int PRIMARY KEY, n bigint NOT NULL);
            INSERT INTO counters SELECT k, 0 FROM generate_series(0, {Keys - 1}) k;
            CREATE TABLE effects (place bigint GENERATED ALWAYS AS IDENTITY, key int NOT NULL, n bigint NOT NULL);
            {string.Concat(migration.Operations.Cast<SqlOperation>().Select(operation => operation.Sql))}
            """,
            connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
