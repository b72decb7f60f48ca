using ConfigurationService.Tests.Service;
using Npgsql;

namespace ConfigurationService.Tests.Persistence;

/// <summary>Whoever changes a row, by whatever means: version, time and history follow.</summary>
public sealed class PlainSqlTests(ServiceFixture service)
{
    private readonly string _tenant = Tenants.New();

    [Fact]
    public async Task PlainSql_EveryChange_IsRecordedWithTheLoginThatMadeIt()
    {
        await service.SqlAsync(
            $"INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('{_tenant}', 'map', 'here')");
        await service.SqlAsync($"UPDATE provider_configs SET enabled = false WHERE tenant_id = '{_tenant}'");
        await service.SqlAsync($"UPDATE provider_configs SET enabled = true, priority = 'tertiary' WHERE tenant_id = '{_tenant}'");
        await service.SqlAsync($"DELETE FROM provider_configs WHERE tenant_id = '{_tenant}'");

        var history = (await service.Admin.GetAsync($"/config/{_tenant}/history")).Json.GetProperty("history").EnumerateArray().ToList();
        history.Select(static e => e.GetProperty("change_type").GetString()).ShouldBe(["deleted", "updated", "disabled", "created"]);
        history.Select(static e => e.GetProperty("version").GetInt32()).ShouldBe([4, 3, 2, 1]);
        var login = new NpgsqlConnectionStringBuilder(service.Database.Administrator).Username;
        history.ShouldAllBe(e => e.GetProperty("changed_by").GetString() == login);
        (await service.Admin.GetAsync($"/config/{_tenant}/history/verify")).Json.GetProperty("intact").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task PlainSql_VersionAndTimesSetByHand_AreTheTriggersAllTheSame()
    {
        await service.SqlAsync("INSERT INTO provider_configs (tenant_id, provider_type, provider_name, version, created_at) VALUES "
            + $"('{_tenant}', 'map', 'here', 77, '2001-01-01')");
        await service.SqlAsync(
            $"UPDATE provider_configs SET enabled = false, version = 99, updated_at = '2001-01-01' WHERE tenant_id = '{_tenant}'");
        (await service.SqlAsync($"SELECT version FROM provider_configs WHERE tenant_id = '{_tenant}' AND updated_at > now() - interval "
            + "'1 hour' AND created_at <= updated_at")).ShouldBe(2);
    }

    [Fact]
    public async Task PlainSql_UpdateWithoutADifference_IsNoVersion()
    {
        await service.SqlAsync(
            $"INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('{_tenant}', 'map', 'here')");
        await service.SqlAsync($"UPDATE provider_configs SET enabled = true WHERE tenant_id = '{_tenant}'");
        (await service.SqlAsync($"SELECT count(*) FROM config_versions WHERE tenant_id = '{_tenant}'")).ShouldBe(1L);
    }

    [Theory]
    [InlineData("UPDATE provider_configs SET tenant_id = 'x' WHERE tenant_id = '{0}'", PostgresErrorCodes.CheckViolation)]
    [InlineData("UPDATE provider_configs SET provider_name = 'x' WHERE tenant_id = '{0}'", PostgresErrorCodes.CheckViolation)]
    [InlineData("UPDATE provider_configs SET priority = 'x' WHERE tenant_id = '{0}'", PostgresErrorCodes.CheckViolation)]
    [InlineData("UPDATE provider_configs SET config_data = '[]' WHERE tenant_id = '{0}'", PostgresErrorCodes.CheckViolation)]
    [InlineData(
        "INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('{0}', 'banana', 'x')",
        PostgresErrorCodes.CheckViolation)]
    [InlineData(
        "INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('{0}', 'map', 'here')",
        PostgresErrorCodes.UniqueViolation)]
    [InlineData("TRUNCATE provider_configs", PostgresErrorCodes.InsufficientPrivilege)]
    [InlineData("UPDATE config_versions SET changed_by = 'x' WHERE tenant_id = '{0}'", PostgresErrorCodes.InsufficientPrivilege)]
    [InlineData("DELETE FROM config_versions WHERE tenant_id = '{0}'", PostgresErrorCodes.InsufficientPrivilege)]
    [InlineData("TRUNCATE config_versions", PostgresErrorCodes.InsufficientPrivilege)]
    [InlineData("UPDATE config_audit_log SET reason = 'x'", PostgresErrorCodes.InsufficientPrivilege)]
    [InlineData("DELETE FROM config_audit_log", PostgresErrorCodes.InsufficientPrivilege)]
    [InlineData("TRUNCATE config_audit_log", PostgresErrorCodes.InsufficientPrivilege)]
    [InlineData("TRUNCATE service_configs", PostgresErrorCodes.InsufficientPrivilege)]
    public async Task PlainSql_ThatWouldBreakTheRules_IsRefusedEvenToTheOwner(string sql, string state)
    {
        await service.SqlAsync(
            $"INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('{_tenant}', 'map', 'here')");
        var refused = await Should.ThrowAsync<PostgresException>(() => service.SqlAsync(string.Format(null, sql, _tenant)));
        refused.SqlState.ShouldBe(state);
    }

    [Fact]
    public async Task PlainSql_OnTheHub_IsRecorded()
    {
        var name = $"service-{Guid.NewGuid():n}";
        await service.SqlAsync($$"""INSERT INTO service_configs (service_name, config_json) VALUES ('{{name}}', '{"a":1}')""");
        await service.SqlAsync($$"""UPDATE service_configs SET config_json = '{"a":2}' WHERE service_name = '{{name}}'""");
        await service.SqlAsync($"DELETE FROM service_configs WHERE service_name = '{name}'");
        await service.SqlAsync($$"""INSERT INTO service_configs (service_name, config_json) VALUES ('{{name}}', '{"a":3}')""");
        var history = (await service.Admin.GetAsync($"/api/v1/config/history/{name}")).Json.GetProperty("history").EnumerateArray()
            .ToList();
        history.Select(static e => e.GetProperty("action").GetString()).ShouldBe(["created", "deleted", "updated", "created"]);
        history[0].GetProperty("version").GetInt32().ShouldBe(4);
        (await service.Admin.GetAsync($"/api/v1/config/history/{name}/verify")).Json.GetProperty("intact").GetBoolean().ShouldBeTrue();
    }
}
