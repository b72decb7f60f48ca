using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Providers;

public sealed class HistoryTests(ServiceFixture service)
{
    [Fact]
    public async Task History_PageByPage_HasEveryEntryOnceNewestFirst()
    {
        var tenant = Tenants.New();
        for (var i = 0; i < 7; i++)
            await service.Admin.PutAsync($"/config/{tenant}/map/here", new { config = new { i } });
        var seen = new List<long>();
        string? cursor = null;
        do
        {
            var page = (await service.Admin.GetAsync($"/config/{tenant}/history?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}"))
                .Expect(HttpStatusCode.OK)
                .Json;
            seen.AddRange(page.GetProperty("history").EnumerateArray().Select(static e => e.GetProperty("sequence").GetInt64()));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);

        seen.ShouldBe([7, 6, 5, 4, 3, 2, 1]);
    }

    [Fact]
    public async Task History_Filtered_HasOnlyThatTypeOrName()
    {
        var tenant = Tenants.New();
        await service.Admin.PutAsync($"/config/{tenant}/map/here", new { });
        await service.Admin.PutAsync($"/config/{tenant}/map/mapbox", new { });
        await service.Admin.PutAsync($"/config/{tenant}/sms/twilio", new { });
        (await service.Admin.GetAsync($"/config/{tenant}/history?provider_type=map")).Json.GetProperty("history").GetArrayLength()
            .ShouldBe(2);
        (await service.Admin.GetAsync($"/config/{tenant}/history?provider_type=map&provider_name=here")).Json.GetProperty("history")
            .GetArrayLength()
            .ShouldBe(1);
    }

    [Fact]
    public async Task History_TellsWhoAndWhy()
    {
        var tenant = Tenants.New();
        var client = await service.TenantAsync(tenant);
        await client.PutAsync($"/config/{tenant}/map/here", new { }, ("X-Change-Reason", "ticket 42"));
        var entry = (await client.GetAsync($"/config/{tenant}/history")).Json.GetProperty("history")[0];
        entry.GetProperty("changed_by").GetString().ShouldBe($"key of {tenant}");
        entry.GetProperty("change_reason").GetString().ShouldBe("ticket 42");
    }

    [Fact]
    public async Task Rollback_OfADeletedProvider_BringsItBackWithItsSecret()
    {
        var tenant = Tenants.New();
        var created = await service.Admin.PutAsync($"/config/{tenant}/sms/twilio", new { api_key = "top secret" });
        var id = created.Json.GetProperty("id").GetGuid();
        await service.Admin.DeleteAsync($"/config/{tenant}/sms/twilio");
        var back = (await service.Admin.PostAsync($"/config/{tenant}/rollback", new { config_id = id, version = 1 })).Expect(
            HttpStatusCode.OK).Json;
        back.GetProperty("has_api_key").GetBoolean().ShouldBeTrue();
        back.GetProperty("version").GetInt32().ShouldBe(3);
        (await service.Admin.PatchAsync($"/config/{tenant}/sms/twilio", new { api_key = "top secret" })).Json.GetProperty("version")
            .GetInt32()
            .ShouldBe(3, "the same secret again is no change, so the one that came back is the one that was stored");
    }

    [Fact]
    public async Task Rollback_ToWhatIsThereAlready_IsRecordedAllTheSame()
    {
        var tenant = Tenants.New();
        var id = (await service.Admin.PutAsync($"/config/{tenant}/map/here", new { })).Json.GetProperty("id").GetGuid();
        (await service.Admin.PostAsync($"/config/{tenant}/rollback", new { config_id = id, version = 1 })).Json.GetProperty("version")
            .GetInt32()
            .ShouldBe(2);
    }

    [Fact]
    public async Task Rollback_ToNoSuchVersionOrADeletion_IsRefused()
    {
        var tenant = Tenants.New();
        var id = (await service.Admin.PutAsync($"/config/{tenant}/map/here", new { })).Json.GetProperty("id").GetGuid();
        await service.Admin.DeleteAsync($"/config/{tenant}/map/here");
        (await service.Admin.PostAsync($"/config/{tenant}/rollback", new { config_id = id, version = 9 })).Expect(HttpStatusCode.NotFound)
            .Code
            .ShouldBe("version_not_found");
        (await service.Admin.PostAsync($"/config/{tenant}/rollback", new { config_id = id, version = 2 })).Expect(HttpStatusCode.Conflict)
            .Code
            .ShouldBe("version_is_deletion");
        (await service.Admin.PostAsync($"/config/{Tenants.New()}/rollback", new { config_id = id, version = 1 })).Expect(
            HttpStatusCode.NotFound);
        (await service.Admin.PostAsync($"/config/{tenant}/rollback", new { config_id = "x", version = 0 })).Expect(
            HttpStatusCode.BadRequest).Errors.Count.ShouldBe(2);
    }
}
