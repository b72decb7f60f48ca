using System.Net;
using ConfigurationService.Persistence;
using ConfigurationService.Tests.Service;
using Data.Resilience.Migrations;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ConfigurationService.Tests.Persistence;

/// <summary>Databases of released versions under the service of today.</summary>
public sealed class UpgradeTests
{
    // Made for this file, used nowhere else.
    private const string EncryptionKey = "hrEDsXsjFmhEHplyEUpD/cCzOEf/bgb0R+vAeNMDIY0=";

    private const string History =
        """SELECT string_agg("MigrationId" || ' ' || "ProductVersion" || ' ' || xmin, ', ' ORDER BY 1) FROM "__EFMigrationsHistory" """;

    [Fact]
    public async Task DatabaseOfVersion010_IsServedWithoutRunningAnyMigrationAgain()
    {
        var owner = await RestoreAsync("Databases.0.1.0.sql");
        var before = await QueryAsync(owner, History);
        await using var database = await ServiceDatabase.StartOnAsync(owner, EncryptionKey);

        (await QueryAsync(owner, History)).ShouldBe(before);
        var runner = database.Services.GetRequiredService<IMigrationRunner<ConfigurationDbContext>>();
        (await runner.GetPendingAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        (await runner.CompareSchemaAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();

        var tenant = (await database.Admin.GetAsync("/config/upgraded")).Expect(HttpStatusCode.OK).Json;
        tenant.GetProperty("map_providers")[0].GetProperty("version").GetInt32().ShouldBe(2);
        // Writing the secret that is stored is no change: it was decrypted and compared.
        (await database.Admin.PatchAsync("/config/upgraded/payment/stripe", new { api_key = "key-of-an-old-database" })).Json
            .GetProperty("version").GetInt32().ShouldBe(1);
        (await database.Admin.PostAsync("/config/upgraded/map/openstreetmap/enable")).Json.GetProperty("version").GetInt32().ShouldBe(3);
        (await database.Admin.GetAsync("/config/upgraded/history/verify")).Json.GetProperty("intact").GetBoolean().ShouldBeTrue();
        (await database.Admin.GetAsync("/api/v1/config/checkout")).Json.GetProperty("config").GetProperty("retries").GetInt32()
            .ShouldBe(3);
    }

    [Fact]
    public async Task DatabaseOfVersion010_GoesDownAndUp()
    {
        await using var database = await ServiceDatabase.StartOnAsync(await RestoreAsync("Databases.0.1.0.sql"), EncryptionKey);
        var runner = database.Services.GetRequiredService<IMigrationRunner<ConfigurationDbContext>>();
        (await runner.DownAsync("0", TestContext.Current.CancellationToken)).Reverted.Count.ShouldBe(5);
        (await runner.UpAsync(cancellationToken: TestContext.Current.CancellationToken)).Applied.Count.ShouldBe(5);
        (await runner.CompareSchemaAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    private static async Task<string> RestoreAsync(string resource)
    {
        var server = await SharedServers.PostgresAsync();
        var owner = await server.CreateDatabaseAsync();
        await using var stream = typeof(UpgradeTests).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        await QueryAsync(owner, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        return owner;
    }

    private static async Task<object?> QueryAsync(string owner, string sql)
    {
        // Not pooled: the dump changes the session's settings.
        await using var connection = new NpgsqlConnection(owner + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
