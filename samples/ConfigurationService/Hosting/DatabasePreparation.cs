using ConfigurationService.Encryption;
using ConfigurationService.Keys;
using ConfigurationService.Persistence;
using ConfigurationService.Settings;
using Data.Resilience.Migrations;
using Npgsql;

namespace ConfigurationService.Hosting;

/// <summary>What must be true of the database before requests are served; every step may be repeated at every start.</summary>
internal sealed class DatabasePreparation(
    DatabaseConnections connections,
    KeyEncryptionKey kek,
    AdminKeySecret admin,
    IMigrationRunner<ConfigurationDbContext> migrations)
{
    /// <summary>Brings the database up to date.</summary>
    /// <exception cref="SettingsException">The database refuses the settings, which waiting does not change.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await DatabaseLogins.DemandAsync(connections, cancellationToken);
        try
        {
            await PrepareAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseLogins.MissingRight(e) is { } what)
        {
            throw new SettingsException(
                [$"ConnectionStrings:Postgres: the owner lacks a right that the start needs ({what}); let it own the database and its "
                + "tables"]);
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await migrations.UpAsync(cancellationToken: cancellationToken);
        await using var source = NpgsqlDataSource.Create(connections.Owner);
        await using var owner = await source.OpenConnectionAsync(cancellationToken);
        // Instances that start together must not alter the same role at once.
        await using var transaction = await owner.BeginTransactionAsync(cancellationToken);
        await using (var alone = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended('preparation', 8104))", owner))
            await alone.ExecuteNonQueryAsync(cancellationToken);
        await ApplicationRole.PrepareAsync(owner, connections, cancellationToken);
        await KeyRegistry.DemandAsync(owner, kek, cancellationToken);
        await AdminKey.RegisterAsync(owner, admin.Value, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
