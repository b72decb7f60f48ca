using System.Net;
using System.Text.Json;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Providers;

public sealed class ProviderEndpointsTests(ServiceFixture service)
{
    [Fact]
    public async Task Post_OtherProvider_LeavesTheFirstUntouched()
    {
        var tenant = Tenants.New();
        await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        var answer = (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant, "mapbox", priority: "secondary"))).Expect(
            HttpStatusCode.Created);
        answer.Json.GetProperty("map_providers").EnumerateArray().Select(static p => p.GetProperty("provider_name").GetString())
            .ShouldBe(["openstreetmap", "mapbox"]);
        answer.Json.GetProperty("map_providers")[0].GetProperty("version").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Put_ReplacesAll_OthersAreDeleted()
    {
        var tenant = Tenants.New();
        await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        var answer = await service.Admin
            .PutAsync($"/config/{tenant}", new { weather_providers = new[] { new { provider_name = "openweathermap" } } });
        answer.Expect(HttpStatusCode.Created).Json.GetProperty("map_providers").GetArrayLength().ShouldBe(0);
        (await service.Admin.GetAsync($"/config/{tenant}")).Text.ShouldBe(answer.Text);
        (await HistoryAsync(tenant)).ShouldBe(["created", "deleted", "created"]);
    }

    [Fact]
    public async Task Put_WhatGetAnswered_ChangesNothingAndKeepsSecrets()
    {
        var tenant = Tenants.New();
        await service.Admin.PostAsync(
            $"/config/{tenant}",
            new { sms_providers = new[] { new { provider_name = "twilio", api_key = "k", config = new { sender = "Shop" } } } });
        var read = await service.Admin.GetAsync($"/config/{tenant}");
        (await service.Admin.PutAsync($"/config/{tenant}", read.Text)).Expect(HttpStatusCode.OK).Text.ShouldBe(read.Text);
        (await HistoryAsync(tenant)).ShouldBe(["created"]);
    }

    [Fact]
    public async Task PutOne_NewThenAgain_CreatesThenResetsWhatIsNotSaid()
    {
        var path = $"/config/{Tenants.New()}/map/here";
        (await service.Admin.PutAsync(path, new { priority = "tertiary", config = new { language = "de" } })).Expect(
            HttpStatusCode.Created);
        var second = (await service.Admin.PutAsync(path, new { enabled = false })).Expect(HttpStatusCode.OK).Json;
        second.GetProperty("priority").GetString().ShouldBe("primary");
        second.GetProperty("config").GetRawText().ShouldBe("{}");
        second.GetProperty("version").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Patch_MergesConfigAndKeepsTheRest()
    {
        var path = $"/config/{Tenants.New()}/map/here";
        await service.Admin.PutAsync(path, new { priority = "tertiary", config = new { a = 1, b = new { c = 2, d = 3 } } });
        var patched = (await service.Admin.PatchAsync(path, """{"config":{"a":null,"b":{"c":9}}}""")).Expect(HttpStatusCode.OK).Json;
        JsonElement.DeepEquals(patched.GetProperty("config"), JsonElement.Parse("""{"b":{"c":9,"d":3}}""")).ShouldBeTrue();
        patched.GetProperty("priority").GetString().ShouldBe("tertiary");
    }

    [Fact]
    public async Task DisableAndEnable_AreRecordedAsSuch()
    {
        var tenant = Tenants.New();
        await service.Admin.PutAsync($"/config/{tenant}/map/here", new { });
        (await service.Admin.PostAsync($"/config/{tenant}/map/here/disable")).Expect(HttpStatusCode.OK).Json.GetProperty("enabled")
            .GetBoolean()
            .ShouldBeFalse();
        (await service.Admin.PostAsync($"/config/{tenant}/map/here/disable")).Expect(HttpStatusCode.OK);
        (await service.Admin.PostAsync($"/config/{tenant}/map/here/enable")).Expect(HttpStatusCode.OK);
        (await HistoryAsync(tenant)).ShouldBe(["enabled", "disabled", "created"]);
    }

    [Fact]
    public async Task Delete_ThenPost_GoesOnWithIdAndVersion()
    {
        var tenant = Tenants.New();
        var first = await service.Admin.PutAsync($"/config/{tenant}/map/here", new { });
        (await service.Admin.DeleteAsync($"/config/{tenant}/map/here")).Expect(HttpStatusCode.NoContent);
        (await service.Admin.GetAsync($"/config/{tenant}/map/here")).Expect(HttpStatusCode.NotFound).Code.ShouldBe("not_found");
        (await service.Admin.DeleteAsync($"/config/{tenant}/map/here")).Expect(HttpStatusCode.NotFound);
        var again = (await service.Admin.PutAsync($"/config/{tenant}/map/here", new { })).Expect(HttpStatusCode.Created);
        again.Json.GetProperty("id").GetGuid().ShouldBe(first.Json.GetProperty("id").GetGuid());
        again.Json.GetProperty("version").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task DeleteTenant_RemovesAllAndHistoryKeepsThem()
    {
        var tenant = Tenants.New();
        await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        (await service.Admin.DeleteAsync($"/config/{tenant}")).Expect(HttpStatusCode.NoContent);
        (await service.Admin.GetAsync($"/config/{tenant}")).Expect(HttpStatusCode.NotFound);
        (await service.Admin.DeleteAsync($"/config/{tenant}")).Expect(HttpStatusCode.NotFound);
        (await HistoryAsync(tenant)).ShouldBe(["deleted", "created"]);
    }

    [Fact]
    public async Task Write_ManyAtOnce_EachIsOneVersionAndNoneIsLost()
    {
        var tenant = Tenants.New();
        await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => service.Admin.PutAsync($"/config/{tenant}/map/here", new { config = new { i } })));
        (await service.Admin.GetAsync($"/config/{tenant}/map/here")).Json.GetProperty("version").GetInt32().ShouldBe(20);
        var check = (await service.Admin.GetAsync($"/config/{tenant}/history/verify")).Json;
        check.GetProperty("intact").GetBoolean().ShouldBeTrue();
        check.GetProperty("entries").GetInt32().ShouldBe(20);
    }

    private async Task<IReadOnlyList<string?>> HistoryAsync(string tenant) =>
        [.. (await service.Admin.GetAsync($"/config/{tenant}/history")).Json.GetProperty("history").EnumerateArray()
            .Select(static e => e.GetProperty("change_type").GetString())];
}
