using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Data.Resilience.Migrations;

/// <summary>The table of applied migrations, asked for before it is read.</summary>
/// <remarks>
/// EF reads it first and takes the server's refusal for "none"; that logs errors at every first start, which look like a failed one.
/// </remarks>
internal static class MigrationHistory
{
    public static async Task<List<string>> AppliedAsync(DbContext context, CancellationToken cancellationToken) =>
        await ExistsAsync(context, cancellationToken).ConfigureAwait(false)
            ? [.. await context.Database.GetAppliedMigrationsAsync(cancellationToken).ConfigureAwait(false)]
            : [];

    public static async Task<List<string>> PendingAsync(DbContext context, CancellationToken cancellationToken)
    {
        var applied = await AppliedAsync(context, cancellationToken).ConfigureAwait(false);
        return [.. context.Database.GetMigrations().Except(applied, StringComparer.Ordinal)];
    }

    /// <summary>Makes the table when it is missing; the caller holds the migration lock.</summary>
    public static async Task CreateAsync(DbContext context, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(context, cancellationToken).ConfigureAwait(false))
            await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<bool> ExistsAsync(DbContext context, CancellationToken cancellationToken)
    {
        var options = RelationalOptionsExtension.Extract(context.GetService<IDbContextOptions>());
        var table = context.GetService<ISqlGenerationHelper>().DelimitIdentifier(
            options.MigrationsHistoryTableName ?? HistoryRepository.DefaultTableName, options.MigrationsHistoryTableSchema);
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var command = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", (NpgsqlConnection)context.Database.GetDbConnection())
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = table } },
            };
            await using var _ = command.ConfigureAwait(false);
            return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
        finally
        {
            await context.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }
}
