using System.Net;
using ConfigurationService.Persistence;
using ConfigurationService.Tests.Service;
using Data.Resilience.Migrations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ConfigurationService.Tests.Persistence;

public sealed class MigrationTests
{
    private static readonly IReadOnlyList<string> All =
        [.. new DesignTimeContextFactory().CreateDbContext([]).Database.GetMigrations()];

    private const string Objects =
        """
        SELECT (SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'S') AND c.relname <> '__EFMigrationsHistory')
             + (SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace)
        """;

    [Fact]
    public async Task UpDownUp_LeavesNothingBehindAndTheServiceWorksAfterwards()
    {
        await using var database = await ServiceDatabase.StartAsync();
        var runner = database.Services.GetRequiredService<IMigrationRunner<ConfigurationDbContext>>();
        (await runner.GetPendingAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        await database.Admin.PutAsync("/config/t/map/here", new { api_key = "k" });

        (await runner.DownAsync("0", TestContext.Current.CancellationToken)).Reverted.Count.ShouldBe(All.Count);
        (await database.SqlAsync(Objects)).ShouldBe(0L);
        (await runner.UpAsync(cancellationToken: TestContext.Current.CancellationToken)).Applied.Count.ShouldBe(All.Count);
        (await runner.CompareSchemaAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();

        await using var again = await database.StartAnotherAsync();
        (await again.Admin.PutAsync("/config/t/map/here", new { })).Expect(HttpStatusCode.Created).Json.GetProperty("version").GetInt32()
            .ShouldBe(1);
    }

    [Fact]
    public async Task EachMigration_DownAndUpAlone_Works()
    {
        await using var database = await ServiceDatabase.StartAsync();
        var runner = database.Services.GetRequiredService<IMigrationRunner<ConfigurationDbContext>>();
        foreach (var target in All.Reverse().Skip(1))
        {
            (await runner.DownAsync(target, TestContext.Current.CancellationToken)).Reverted.Count.ShouldBe(1, target);
            await runner.UpAsync(cancellationToken: TestContext.Current.CancellationToken);
            await runner.DownAsync(target, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Model_IsWhatTheMigrationsMake()
    {
        await using var database = await ServiceDatabase.StartAsync();
        var differences = await database.Services.GetRequiredService<IMigrationRunner<ConfigurationDbContext>>()
            .CompareSchemaAsync(TestContext.Current.CancellationToken);
        differences.ShouldBeEmpty(string.Join('\n', differences));
    }

    [Fact]
    public async Task Start_ManyAtOnceOnOneDatabase_AllServe()
    {
        await using var first = await ServiceDatabase.StartAsync();
        await first.Services.GetRequiredService<IMigrationRunner<ConfigurationDbContext>>()
            .DownAsync("0", TestContext.Current.CancellationToken);
        var starts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => first.StartAnotherAsync()));
        foreach (var other in starts)
        {
            (await other.Admin.GetAsync("/config/t/history")).Expect(HttpStatusCode.OK);
            await other.DisposeAsync();
        }
    }
}
