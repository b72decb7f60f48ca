using Data.Resilience.Migrations;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Tests.Migrations;

public sealed class MigrationRunnerTests
{
    private static readonly string[] All = ["20260101000000_CreateAccounts", "20260102000000_CreateEntries", "20260103000000_NameIndex"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UpAsync_ManyInstancesAtOnce_OneMigratesAndTheRestWait()
    {
        var connectionString = await TestDatabase.CreateAsync();
        var hosts = Enumerable.Range(0, 6).Select(_ => Host(connectionString)).ToList();

        var results = await Task.WhenAll(hosts.Select(h => Runner(h).UpAsync(cancellationToken: Token)));

        results.Count(r => r.Applied.Count == 3).ShouldBe(1);
        results.Count(r => r.Applied.Count == 0 && r.LockWait > TimeSpan.Zero).ShouldBe(5);
        foreach (var host in hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task UpAndDownAsync_NamedTargets_MoveTheSchemaThereAndBack()
    {
        await using var host = Host(await TestDatabase.CreateAsync());
        var runner = Runner(host);

        (await runner.GetPendingAsync(Token)).ShouldBe(All);
        (await runner.UpAsync("CreateEntries", Token)).Applied.ShouldBe(All[..2]);
        (await runner.GetPendingAsync(Token)).ShouldBe(All[2..]);
        (await runner.UpAsync(cancellationToken: Token)).Applied.ShouldBe(All[2..]);
        (await runner.CompareSchemaAsync(Token)).ShouldBeEmpty();
        (await runner.DownAsync("CreateAccounts", Token)).Reverted.ShouldBe([All[2], All[1]]);
        (await runner.DownAsync("0", Token)).Reverted.ShouldBe([All[0]]);
        (await runner.UpAsync(cancellationToken: Token)).Applied.ShouldBe(All);
        (await runner.CompareSchemaAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task UpAsync_EmptyDatabase_LogsNoError()
    {
        using var log = new RecordingLoggerProvider();
        await using var host = Host(await TestDatabase.CreateAsync(), log: log);
        var runner = Runner(host);

        (await runner.GetPendingAsync(Token)).ShouldBe(All);
        (await runner.UpAsync(cancellationToken: Token)).Applied.ShouldBe(All);
        (await runner.GetPendingAsync(Token)).ShouldBeEmpty();
        (await runner.DownAsync("0", Token)).Reverted.Count.ShouldBe(3);

        log.Entries.ShouldContain(entry => entry.Text.Contains("CreateAccounts"));
        log.Entries.Where(entry => entry.Level >= LogLevel.Error).ShouldBeEmpty();
    }

    [Fact]
    public async Task UpAsync_WrongTargets_AreRefusedBeforeAnythingChanges()
    {
        await using var host = Host(await TestDatabase.CreateAsync());
        var runner = Runner(host);
        await runner.UpAsync("CreateEntries", Token);

        (await Should.ThrowAsync<ArgumentException>(() => runner.UpAsync("Nope", Token))).Message.ShouldContain("CreateAccounts");
        await Should.ThrowAsync<InvalidOperationException>(() => runner.UpAsync("CreateAccounts", Token));
        await Should.ThrowAsync<InvalidOperationException>(() => runner.DownAsync("NameIndex", Token));
        (await runner.GetPendingAsync(Token)).ShouldBe(All[2..]);
    }

    [Fact]
    public async Task UpAsync_LockHeldByAnother_TimesOutNamingTheHolder()
    {
        var connectionString = await TestDatabase.CreateAsync();
        await using var host = Host(connectionString, o => o.LockWaitTimeout = TimeSpan.FromMilliseconds(300));
        await using var other = new NpgsqlConnection(connectionString + ";Application Name=the-other");
        await other.OpenAsync(Token);
        await new NpgsqlCommand($"SELECT pg_advisory_lock({MigrationLock.KeyOf(typeof(LedgerContext))})", other).ExecuteNonQueryAsync(
            Token);

        var error = await Should.ThrowAsync<MigrationLockTimeoutException>(() => Runner(host).UpAsync(cancellationToken: Token));

        error.Message.ShouldContain("the-other");
    }

    [Fact]
    public async Task UpAsync_MigrationFails_ReleasesTheLock()
    {
        var connectionString = await TestDatabase.CreateAsync();
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Token);
        await new NpgsqlCommand("CREATE TABLE accounts (x integer)", connection).ExecuteNonQueryAsync(Token);
        await using var host = Host(connectionString);
        await Should.ThrowAsync<PostgresException>(() => Runner(host).UpAsync(cancellationToken: Token));
        await new NpgsqlCommand("DROP TABLE accounts", connection).ExecuteNonQueryAsync(Token);
        await using var second = Host(connectionString, o => o.LockWaitTimeout = TimeSpan.Zero);

        (await Runner(second).UpAsync(cancellationToken: Token)).Applied.ShouldBe(All);
    }

    [Fact]
    public async Task UpAsync_TableInUse_GivesWayAndTriesAgain()
    {
        var connectionString = await TestDatabase.CreateAsync();
        await using var host = Host(connectionString, o => o.TableLockTimeout = TimeSpan.FromMilliseconds(100));
        await Runner(host).UpAsync("CreateEntries", Token);
        await using var user = new NpgsqlConnection(connectionString);
        await user.OpenAsync(Token);
        await using var transaction = await user.BeginTransactionAsync(Token);
        await new NpgsqlCommand("SELECT * FROM entries", user).ExecuteNonQueryAsync(Token);

        var down = Runner(host).DownAsync("CreateAccounts", Token);
        await Task.Delay(500, Token);
        down.IsCompleted.ShouldBeFalse();
        await transaction.RollbackAsync(Token);

        (await down).Reverted.ShouldBe([All[1]]);
    }

    [Fact]
    public async Task CompareSchemaAsync_ChangesByHand_AreEachReported()
    {
        var connectionString = await TestDatabase.CreateAsync();
        await using var host = Host(connectionString);
        await Runner(host).UpAsync(cancellationToken: Token);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Token);
        await new NpgsqlCommand(
            """
            ALTER TABLE accounts ALTER name TYPE varchar(60), ALTER balance DROP NOT NULL, ADD extra text, DROP CONSTRAINT ck_balance;
            DROP INDEX ux_accounts_name; CREATE INDEX ux_accounts_name ON accounts (name);
            DROP INDEX ix_entries_account_at; CREATE INDEX ix_other ON entries (at);
            ALTER TABLE entries DROP text, DROP CONSTRAINT fk_entries_account, DROP CONSTRAINT pk_entries;
            ALTER TABLE entries ADD CONSTRAINT fk_entries_account FOREIGN KEY (account_id) REFERENCES accounts (id);
            """,
            connection).ExecuteNonQueryAsync(Token);

        var differences = (await Runner(host).CompareSchemaAsync(Token)).Select(d => $"{d.Kind} {d.Table}.{d.Name}").ToList();

        differences.ShouldBe(
            [
                "ColumnType public.accounts.name",
                "ColumnNullability public.accounts.balance",
                "UnexpectedColumn public.accounts.extra",
                "IndexDefinition public.accounts.ux_accounts_name",
                "MissingCheck public.accounts.ck_balance",
                "MissingColumn public.entries.text",
                "PrimaryKey public.entries.pk_entries",
                "MissingIndex public.entries.ix_entries_account_at",
                "UnexpectedIndex public.entries.ix_other",
                "ForeignKeyDefinition public.entries.fk_entries_account",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task CompareSchemaAsync_EmptyDatabase_ReportsEveryTable()
    {
        await using var host = Host(await TestDatabase.CreateAsync());

        (await Runner(host).CompareSchemaAsync(Token)).Select(d => d.ToString()).ShouldBe(
            ["MissingTable: public.accounts: expected a table, found nothing", "MissingTable: public.entries: expected a table, found "
            + "nothing"]);
    }

    [Fact]
    public async Task CheckHealthAsync_PendingMigrations_AreUnhealthyUntilApplied()
    {
        await using var host = Host(await TestDatabase.CreateAsync());
        var check = new MigrationHealthCheck<LedgerContext>(Runner(host));
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("m", check, HealthStatus.Degraded, tags: null) };

        var before = await check.CheckHealthAsync(context, Token);
        await Runner(host).UpAsync(cancellationToken: Token);
        var after = await check.CheckHealthAsync(context, Token);

        (before.Status, before.Data["pending"]).ShouldBe((HealthStatus.Degraded, 3));
        (after.Status, after.Data["pending"]).ShouldBe((HealthStatus.Healthy, 0));
    }

    private static IMigrationRunner<LedgerContext> Runner(ServiceProvider host) =>
        host.GetRequiredService<IMigrationRunner<LedgerContext>>();

    private static ServiceProvider Host(string connectionString, Action<MigrationOptions>? configure = null, ILoggerProvider? log = null)
    {
        var services = new ServiceCollection();
        if (log is not null)
            services.AddLogging(logging => logging.AddProvider(log));
        services.AddDataResilience<LedgerContext>(o => o.ConnectionString = connectionString).AddMigrations(configure ?? (_ => { }));
        return services.BuildServiceProvider();
    }
}
