using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Persistence;

/// <summary>A write whose history is missing does not happen, and a history that was tampered with is found out.</summary>
public sealed class HistoryGuaranteeTests
{
    [Theory]
    [InlineData("ALTER TABLE provider_configs DISABLE TRIGGER provider_configs_record")]
    [InlineData("ALTER TABLE provider_configs DISABLE TRIGGER provider_configs_before_update")]
    [InlineData("DROP TRIGGER provider_configs_record ON provider_configs")]
    public async Task Write_WithATriggerGone_IsRolledBackWithAnError(string damage)
    {
        await using var database = await ServiceDatabase.StartAsync();
        var tenant = Tenants.New();
        await database.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        await database.SqlAsync(damage);

        (await database.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant, enabled: false))).Expect(
            HttpStatusCode.InternalServerError).Code.ShouldBe("history_missing");
        (await database.SqlAsync($"SELECT enabled FROM provider_configs WHERE tenant_id = '{tenant}'")).ShouldBe(true);
    }

    [Fact]
    public async Task Delete_WithTheTriggerGone_IsRolledBack()
    {
        await using var database = await ServiceDatabase.StartAsync();
        var tenant = Tenants.New();
        await database.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        await database.Admin.PostAsync("/api/v1/config/shop", new { config = new { a = 1 } });
        await database.SqlAsync("ALTER TABLE provider_configs DISABLE TRIGGER provider_configs_record; ALTER TABLE service_configs "
            + "DISABLE TRIGGER service_configs_record");

        (await database.Admin.DeleteAsync($"/config/{tenant}")).Expect(HttpStatusCode.InternalServerError).Code.ShouldBe("history_missing");
        (await database.Admin.DeleteAsync("/api/v1/config/shop")).Expect(HttpStatusCode.InternalServerError).Code
            .ShouldBe("history_missing");
        (await database.Admin.GetAsync($"/config/{tenant}")).Expect(HttpStatusCode.OK);
        (await database.Admin.GetAsync("/api/v1/config/shop")).Expect(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("UPDATE config_versions SET changed_by = 'someone else' WHERE sequence = 2", 2L, false)]
    [InlineData("DELETE FROM config_versions WHERE sequence = 2", 3L, false)]
    [InlineData("DELETE FROM config_versions WHERE sequence = 1", 2L, false)]
    [InlineData("DELETE FROM config_versions WHERE sequence = 3", null, true)]
    public async Task Verify_AfterTampering_NamesThePlace(string tampering, long? brokenAt, bool endMissing)
    {
        await using var database = await ServiceDatabase.StartAsync();
        for (var i = 0; i < 3; i++)
            await database.Admin.PutAsync("/config/t/map/here", new { config = new { i } });
        await database.SqlAsync($"ALTER TABLE config_versions DISABLE TRIGGER config_versions_immutable; {tampering}");

        var check = (await database.Admin.GetAsync("/config/t/history/verify")).Expect(HttpStatusCode.OK).Json;
        check.GetProperty("intact").GetBoolean().ShouldBeFalse();
        (check.GetProperty("broken_at").ValueKind == System.Text.Json.JsonValueKind.Null ?
            null :
            (long?)check.GetProperty("broken_at").GetInt64()).ShouldBe(brokenAt);
        check.GetProperty("end_missing").GetBoolean().ShouldBe(endMissing);
    }

    [Fact]
    public async Task Verify_AfterAChangeThatNoTriggerSaw_CountsIt()
    {
        await using var database = await ServiceDatabase.StartAsync();
        await database.Admin.PutAsync("/config/t/map/here", new { });
        await database.SqlAsync("SET session_replication_role = replica; UPDATE provider_configs SET enabled = false");
        var check = (await database.Admin.GetAsync("/config/t/history/verify")).Json;
        check.GetProperty("intact").GetBoolean().ShouldBeFalse();
        check.GetProperty("unrecorded").GetInt32().ShouldBe(1);
    }
}
