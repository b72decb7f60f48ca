using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Tenancy;

/// <summary>Sessions behind PgBouncer, which gives each transaction whatever server connection is free.</summary>
public sealed class TransactionPoolingTests : IAsyncLifetime
{
    private PgBouncerServer? _bouncer;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bouncer = await PgBouncerServer.StartAsync(
        await SharedServers.PostgresAsync(),
        new PgBouncerServerOptions
        {
            Settings = { ["default_pool_size"] = "2", ["ignore_startup_parameters"] = "extra_float_digits,options" }
        },
        Token);

    public async ValueTask DisposeAsync() => await _bouncer!.DisposeAsync();

    [Fact]
    public async Task Session_ConcurrentTenantsOnTwoServerConnections_NeverSeeEachOther()
    {
        await using var host = await TenantHost.StartAsync(route: Through);
        string[] tenants = ["a", "b", "c", "d", "e"];
        foreach (var tenant in tenants)
            await host.AddAsync(tenant, tenant);

        await TenantIsolationTests.Attack(host, tenants, rounds: 40);
    }

    [Fact]
    public async Task Session_AfterAnotherClientLeftASessionWideTenant_DoesNotInheritIt()
    {
        await using var host = await TenantHost.StartAsync(route: Through);
        await host.AddAsync("b", "foreign");
        var source = NpgsqlDataSource.Create(Through(host.Application));
        await using var owned = source;
        await using (var careless = await source.OpenConnectionAsync(Token))
            await new NpgsqlCommand("SET SESSION app.tenant_id = 'b'", careless).ExecuteNonQueryAsync(Token);

        await using (var client = await source.OpenConnectionAsync(Token))
        {
            var seen = 0L;
            for (var i = 0; i < 20 && seen == 0; i++)
                seen = (long)(await new NpgsqlCommand("SELECT count(*) FROM secrets", client).ExecuteScalarAsync(Token))!;
            seen.ShouldBe(1, "the value is left behind, or the test shows nothing");
        }

        for (var i = 0; i < 20; i++)
        {
            (await host.ReadTextsAsync()).ShouldBeEmpty();
            using (TenantScope.Begin("a"))
                (await host.ReadTextsAsync()).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Session_ManyConcurrentWrites_AllCommitOnce()
    {
        await using var direct = await BankDatabase.CreateAsync();
        await using var bank = BankDatabase.Connect(Through(direct.ConnectionString));

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => bank.Sessions.WriteAsync(
            async (s, ct) =>
            {
                await s.Context.Accounts.Where(a => a.Id == 1)
                    .ExecuteUpdateAsync(u => u.SetProperty(a => a.Balance, a => a.Balance + 1), ct);
                return await s.SavepointAsync(async t => await s.Context.Accounts.CountAsync(t), ct);
            },
            cancellationToken: Token).AsTask()));

        (await direct.BalanceAsync(1)).ShouldBe(160);
    }

    [Fact]
    public async Task Session_StatementTimeoutNotSent_NeedsNoSettingOfThePooler()
    {
        // As PgBouncer comes, it turns clients away that send a start-up option.
        await using var strict = await PgBouncerServer.StartAsync(
            await SharedServers.PostgresAsync(),
            new PgBouncerServerOptions { Settings = { ["ignore_startup_parameters"] = "extra_float_digits" } },
            Token);
        await using var direct = await BankDatabase.CreateAsync();
        var database = new NpgsqlConnectionStringBuilder(direct.ConnectionString);
        var through = strict.ConnectionStringFor(database.Database!, database.Username, database.Password);
        await using var refused = BankDatabase.Connect(through, options => options.Retry.MaxRetryAttempts = 0);
        await using var bank = BankDatabase.Connect(through, options => options.SendStatementTimeout = false);

        (await Should.ThrowAsync<PostgresException>(CountAsync(refused))).MessageText.ShouldContain("options");
        (await CountAsync(bank)).ShouldBe(10);

        static Task<int> CountAsync(BankDatabase bank) =>
            bank.Sessions.ReadAsync((s, ct) => s.Context.Accounts.CountAsync(ct), cancellationToken: Token).AsTask();
    }

    private string Through(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var routed = new NpgsqlConnectionStringBuilder(
            _bouncer!.ConnectionStringFor(settings.Database!, settings.Username, settings.Password))
        { MaxPoolSize = 12 };
        return routed.ConnectionString;
    }
}
