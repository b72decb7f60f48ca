using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Providers;

/// <summary>What a new user tries from the README.</summary>
public sealed class TranscriptTests(ServiceFixture service)
{
    [Fact]
    public async Task Post_DisableAndRollback_HistoryShowsEachStepAndTheProviderIsEnabledAgain()
    {
        var tenant = Tenants.New();
        var first = (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Expect(HttpStatusCode.Created);
        var id = first.Json.GetProperty("map_providers")[0].GetProperty("id").GetGuid();
        (await service.Admin.GetAsync($"/config/{tenant}")).Expect(HttpStatusCode.OK).Text.ShouldBe(first.Text);

        (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant, enabled: false))).Expect(HttpStatusCode.OK);
        (await service.Admin.GetAsync($"/config/{tenant}")).Json.GetProperty("map_providers")[0].GetProperty("enabled").GetBoolean()
            .ShouldBeFalse();
        await ChangesShouldBe(tenant, "disabled", "created");

        (await service.Admin.PostAsync($"/config/{tenant}/rollback", new { config_id = id, version = 1 })).Expect(HttpStatusCode.OK);
        (await service.Admin.GetAsync($"/config/{tenant}")).Json.GetProperty("map_providers")[0].GetProperty("enabled").GetBoolean()
            .ShouldBeTrue();
        await ChangesShouldBe(tenant, "enabled", "disabled", "created");
        var newest = (await service.Admin.GetAsync($"/config/{tenant}/history?limit=1")).Json.GetProperty("history")[0];
        newest.GetProperty("rolled_back_to").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Post_TheSameTwice_NothingChangesTheSecondTime()
    {
        var tenant = Tenants.New();
        var first = (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Expect(HttpStatusCode.Created);
        var second = (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Expect(HttpStatusCode.OK);
        second.Text.ShouldBe(first.Text);
        second.Tag.ShouldBe(first.Tag);
        await ChangesShouldBe(tenant, "created");
    }

    private async Task ChangesShouldBe(string tenant, params string[] expected)
    {
        var history = (await service.Admin.GetAsync($"/config/{tenant}/history")).Expect(HttpStatusCode.OK).Json.GetProperty("history");
        history.EnumerateArray().Select(static e => e.GetProperty("change_type").GetString()).ShouldBe(expected);
    }
}
