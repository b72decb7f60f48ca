using System.Net;
using ConfigurationService.Embedded;
using ConfigurationService.Encryption;
using ConfigurationService.Persistence;
using ConfigurationService.Tests.Service;
using Data.Resilience.Migrations;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ConfigurationService.Tests.Persistence;

/// <summary>Databases of released versions under the service of today.</summary>
public sealed class UpgradeTests
{
    private static readonly int All = new DesignTimeContextFactory().CreateDbContext([]).Database.GetMigrations().Count();

    // Made for this file, used nowhere else.
    private const string EncryptionKey = "hrEDsXsjFmhEHplyEUpD/cCzOEf/bgb0R+vAeNMDIY0=";

    private const string History =
        """
        SELECT string_agg("MigrationId" || ' ' || "ProductVersion" || ' ' || xmin, ', ' ORDER BY 1)
        FROM "__EFMigrationsHistory" WHERE "MigrationId" <= '20261121000005_TenantIsolation'
        """;

    // Handed over: the superuser's tables become those of an ordinary owner, as embedded mode does.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DatabaseOfVersion010_IsServedWithoutRunningAnyMigrationAgain(bool handedOver)
    {
        var restored = await RestoreAsync("Databases.0.1.0.sql");
        if (handedOver)
        {
            var kek = new KeyEncryptionKey(Convert.FromBase64String(EncryptionKey));
            var made = await EmbeddedLogins.PrepareAsync(restored.Administrator, kek, TestContext.Current.CancellationToken);
            restored = restored with { Owner = made };
        }

        var before = await restored.SqlAsync(History);
        await using var database = await ServiceDatabase.StartOnAsync(restored, EncryptionKey);

        (await restored.SqlAsync(History)).ShouldBe(before);
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
        (await runner.DownAsync("0", TestContext.Current.CancellationToken)).Reverted.Count.ShouldBe(All);
        (await runner.UpAsync(cancellationToken: TestContext.Current.CancellationToken)).Applied.Count.ShouldBe(All);
        (await runner.CompareSchemaAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    private static async Task<OwnedDatabase> RestoreAsync(string resource)
    {
        var administrator = await (await SharedServers.PostgresAsync()).CreateDatabaseAsync();
        var database = new OwnedDatabase(administrator, administrator);
        await using var stream = typeof(UpgradeTests).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        await database.SqlAsync(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        return database;
    }
}
