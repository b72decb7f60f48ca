using ConfigurationService.Tests.Service;
using Npgsql;

namespace ConfigurationService.Tests.Persistence;

/// <summary>The database itself keeps tenants apart, whatever SQL the application's role sends.</summary>
public sealed class TenantIsolationTests(TwoTenants tenants) : IClassFixture<TwoTenants>
{
    private readonly ServiceDatabase _database = tenants.Database;

    [Theory]
    [InlineData("provider_configs")]
    [InlineData("config_versions")]
    [InlineData("tenant_data_keys")]
    [InlineData("audit_chains")]
    public async Task Select_ShowsTheTenantThatIsSetAndWithoutOneNothing(string table)
    {
        (await _database.SqlAsync($"SELECT count(*) FROM {table}")).ShouldBe(2L);
        (await _database.ApplicationAsync($"SELECT count(*) FROM {table}")).ShouldBe(0L);
        (await _database.ApplicationAsync($"SET app.tenant_id = ''; SELECT count(*) FROM {table}")).ShouldBe(0L);
        (await _database.ApplicationAsync($"SET app.tenant_id = 'a'; SELECT count(*) FROM {table}")).ShouldBe(1L);
        (await _database.ApplicationAsync($"SET app.tenant_id = 'c'; SELECT count(*) FROM {table}")).ShouldBe(0L);
    }

    [Fact]
    public async Task Write_ToAnotherTenantsRows_TouchesNone()
    {
        (await _database.ApplicationAsync(
            "BEGIN; SET app.tenant_id = 'a'; WITH u AS (UPDATE provider_configs SET enabled = false RETURNING 1) SELECT count(*) FROM "
            + "u")).ShouldBe(1L);
        (await _database.ApplicationAsync("BEGIN; SET app.tenant_id = 'a'; WITH d AS (DELETE FROM provider_configs WHERE tenant_id = 'b' "
            + "RETURNING 1) SELECT count(*) FROM d")).ShouldBe(0L);
    }

    [Fact]
    public async Task Insert_ForAnotherTenant_IsRefused()
    {
        var refused = await Should.ThrowAsync<PostgresException>(() => _database.ApplicationAsync(
            "SET app.tenant_id = 'a'; INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('b', 'map', 'here')"));
        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Theory]
    [InlineData("INSERT INTO config_versions SELECT * FROM config_versions")]
    [InlineData("INSERT INTO audit_chains VALUES ('tenant', 'a', 1, '')")]
    [InlineData("SELECT audit_chain_next('tenant', 'a')")]
    [InlineData("UPDATE config_versions SET changed_by = 'x'")]
    [InlineData("DELETE FROM config_versions")]
    [InlineData("UPDATE tenant_data_keys SET wrapped_key = ''")]
    [InlineData("DELETE FROM api_keys")]
    [InlineData("ALTER TABLE provider_configs DISABLE ROW LEVEL SECURITY")]
    [InlineData("ALTER TABLE provider_configs DISABLE TRIGGER ALL")]
    [InlineData("SET ROLE postgres")]
    [InlineData("SET session_replication_role = replica")]
    public async Task ApplicationRole_CannotForgeHistoryNorFreeItself(string sql)
    {
        var refused = await Should.ThrowAsync<PostgresException>(() => _database.ApplicationAsync($"SET app.tenant_id = 'a'; {sql}"));
        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task DataKey_OfOneTenant_IsNotThatOfAnother() =>
        (await _database.SqlAsync("SELECT count(DISTINCT wrapped_key) FROM tenant_data_keys")).ShouldBe(2L);
}
