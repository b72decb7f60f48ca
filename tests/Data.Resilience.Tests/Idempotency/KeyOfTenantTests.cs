using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>A key belongs to its tenant, also behind a transaction pooler.</summary>
public sealed class KeyOfTenantTests
{
    private static readonly DbSessionOptions Order = new() { IdempotencyKey = "order 1", IdempotencyFingerprint = "hash" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_TwoTenantsWithOneKey_EachHaveTheirOwn()
    {
        await using var bank = await CreateAsync(build: builder => builder.AddTenancy());
        foreach (var tenant in (string?[])["a", "b", null, "a", "b", null])
        {
            using var scope = tenant is null ? TenantScope.Suppress() : TenantScope.Begin(tenant);
            (await bank.Sessions.WriteAsync(
                async (session, token) =>
                {
                    await TakeOneAsync(session, token);
                    return await session.Context.Database.SqlQuery<string>($"SELECT current_setting('app.tenant_id') AS \"Value\"")
                        .SingleAsync(token);
                },
                Order,
                Token)).ShouldBe(tenant ?? "");
        }

        (await bank.BalanceAsync(1)).ShouldBe(97);
    }

    [Fact]
    public async Task WriteAsync_ContextWithoutTenancy_HasOneKeyForAll()
    {
        await using var bank = await CreateAsync();
        foreach (var tenant in (string[])["a", "b"])
        {
            using (TenantScope.Begin(tenant))
                await bank.Sessions.WriteAsync(TakeOneAsync, Order, Token);
        }

        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_RoleWithTheGrantedAccess_RecordsAndRemovesKeys()
    {
        await using var owner = await CreateAsync();
        var role = "app_" + Guid.NewGuid().ToString("N");
        await ExecuteAsync(owner.ConnectionString, $"CREATE ROLE {role} LOGIN PASSWORD 'app'; "
            + "GRANT SELECT, UPDATE ON accounts TO PUBLIC; "
            + SqlOf(migration => migration.GrantTenantAccess(role, "idempotency_keys")));
        var application = new NpgsqlConnectionStringBuilder(owner.ConnectionString) { Username = role, Password = "app" };
        await using var bank = Connect(application.ConnectionString);
        for (var call = 0; call < 2; call++)
            (await bank.Sessions.WriteAsync(TakeOneAsync, Order, Token)).ShouldBe(99);

        await ExecuteAsync(owner.ConnectionString, "UPDATE idempotency_keys SET created_at = created_at - interval '8 days'");
        (await bank.Services.GetRequiredService<IIdempotencyKeys<Bank>>().RemoveExpiredAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task WriteAsync_TenantsOnShards_HaveTheirKeysThereAndTheyAreRemovedThere()
    {
        await using var catalogue = await CreateAsync();
        await using var shard = await CreateAsync();
        await using var bank = BankDatabase.Connect(catalogue.ConnectionString, build: builder => builder.AddTenancy().AddIdempotency()
            .AddShards(o =>
            {
                o.ConnectionStrings["one"] = catalogue.ConnectionString;
                o.ConnectionStrings["two"] = shard.ConnectionString;
                o.Pins["b"] = "two";
            }));
        using (TenantScope.Begin("b"))
        {
            for (var call = 0; call < 2; call++)
                (await bank.Sessions.WriteAsync(TakeOneAsync, Order, Token)).ShouldBe(99);
        }

        (await KeyCountAsync(catalogue)).ShouldBe(0);
        (await KeyCountAsync(shard)).ShouldBe(1);
        await ExecuteAsync(shard.ConnectionString, "UPDATE idempotency_keys SET created_at = created_at - interval '8 days'");
        (await bank.Services.GetRequiredService<IIdempotencyKeys<Bank>>().RemoveExpiredAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task WriteAsync_BehindATransactionPooler_OneEffectPerKey()
    {
        await using var direct = await CreateAsync();
        await using var bouncer = await PgBouncerServer.StartAsync(
            await SharedServers.PostgresAsync(),
            new PgBouncerServerOptions { Settings = { ["default_pool_size"] = "3" } },
            Token);
        var database = new NpgsqlConnectionStringBuilder(direct.ConnectionString);
        await using var bank = Connect(
            new NpgsqlConnectionStringBuilder(bouncer.ConnectionStringFor(database.Database!, database.Username, database.Password))
            {
                MaxPoolSize = 12
            }.ConnectionString,
            options => options.SendStatementTimeout = false);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(call => bank.Sessions.WriteAsync(
            TakeOneAsync, new DbSessionOptions { IdempotencyKey = $"order {call % 6}" }, Token).AsTask()));

        (await direct.BalanceAsync(1)).ShouldBe(94);
        (await KeyCountAsync(direct)).ShouldBe(6);
    }
}
