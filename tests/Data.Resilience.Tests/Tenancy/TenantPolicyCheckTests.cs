using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Data.Resilience.Tests.Tenancy;

/// <summary>The check at start that lists tables of tenants without protection.</summary>
public sealed class TenantPolicyCheckTests
{
    private const string Table = "CREATE TABLE secrets (id bigint PRIMARY KEY, tenant_id text, text text)";
    private const string Enable = Table + "; ALTER TABLE secrets ENABLE ROW LEVEL SECURITY";
    private const string Policy = Enable + "; CREATE POLICY own ON secrets USING (tenant_id = current_setting('app.tenant_id'))";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Table, "no policy")]
    [InlineData(Enable, "no policy")]
    [InlineData(Policy, "row-level security is not forced")]
    [InlineData(Policy + "; ALTER TABLE secrets FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY", "row-level security is off")]
    [InlineData(Policy + "; ALTER TABLE secrets FORCE ROW LEVEL SECURITY", null)]
    [InlineData("SELECT 1", null)]
    public async Task Start_TableOfTenants_IsListedUnlessProtected(string sql, string? expected)
    {
        var connectionString = await TestDatabase.CreateAsync();
        await ExecuteAsync(connectionString, sql);

        var warned = await StartAsync(connectionString, TenantPolicyMode.Warn);
        (await StartAsync(connectionString, TenantPolicyMode.Off)).Entries.ShouldNotContain(entry => entry.Id == 1902);

        var texts = warned.Entries.Where(entry => entry.Id == 1902).Select(entry => entry.Text).ToArray();
        if (expected is null)
        {
            texts.ShouldBeEmpty();
            await StartAsync(connectionString, TenantPolicyMode.Fail);
            return;
        }

        texts.ShouldHaveSingleItem().ShouldContain($"secrets ({expected})");
        (await Should.ThrowAsync<TenantIsolationException>(() => StartAsync(connectionString, TenantPolicyMode.Fail))).Message
            .ShouldContain($"secrets ({expected})");
    }

    [Fact]
    public async Task Start_OtherTenantColumn_IsNotListed()
    {
        var connectionString = await TestDatabase.CreateAsync();
        await ExecuteAsync(connectionString, Table);

        await StartAsync(connectionString, TenantPolicyMode.Fail, options => options.TenantColumn = "tenant");
    }

    [Fact]
    public async Task Start_UnprotectedOnAShard_IsListed()
    {
        var connectionString = await TestDatabase.CreateAsync();
        var shard = await TestDatabase.CreateAsync();
        await ExecuteAsync(shard, Table);

        var log = await StartAsync(
            connectionString, TenantPolicyMode.Warn, build: builder => builder.AddShards(o => o.ConnectionStrings["eu-1"] = shard));

        log.Entries.Single(entry => entry.Id == 1902).Text.ShouldContain("eu-1");
    }

    [Theory]
    [InlineData(TenantPolicyMode.Warn)]
    [InlineData(TenantPolicyMode.Fail)]
    public async Task Start_DatabaseUnreachable_StopsTheHostOnlyWhenAskedTo(TenantPolicyMode mode)
    {
        const string Nowhere = "Host=127.0.0.1;Port=1;Timeout=5";
        if (mode == TenantPolicyMode.Warn)
            (await StartAsync(Nowhere, mode)).Entries.ShouldContain(entry => entry.Id == 1903 && entry.Level == LogLevel.Warning);
        else
            await Should.ThrowAsync<NpgsqlException>(() => StartAsync(Nowhere, mode));
    }

    [Fact]
    public async Task AddTenancy_SettingOutOfRange_IsRefused()
    {
        var refusal = await Should.ThrowAsync<OptionsValidationException>(
            () => StartAsync("Host=db", (TenantPolicyMode)7, options => options.TenantColumn = ""));

        refusal.Failures.Count().ShouldBe(2);
    }

    private static async Task<RecordingLoggerProvider> StartAsync(
        string connectionString,
        TenantPolicyMode mode,
        Action<TenancyOptions>? configure = null,
        Action<DataResilienceBuilder<VaultContext>>? build = null)
    {
        var log = new RecordingLoggerProvider();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log));
        var builder = services.AddDataResilience<VaultContext>(o => o.ConnectionString = connectionString).AddTenancy(o =>
        {
            o.CheckRoleAtStart = false;
            o.PolicyCheckAtStart = mode;
            configure?.Invoke(o);
        });
        build?.Invoke(builder);
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        foreach (var service in provider.GetServices<IHostedService>())
            await service.StartAsync(Token);
        return log;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
