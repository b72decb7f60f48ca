using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Providers;

/// <summary>Entity tags: nobody overwrites what they have not seen.</summary>
public sealed class PreconditionTests(ServiceFixture service)
{
    [Fact]
    public async Task Get_WithTheTagItAnswered_IsNotModifiedUntilAWrite()
    {
        var tenant = Tenants.New();
        await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        var tag = (await service.Admin.GetAsync($"/config/{tenant}")).Tag!;
        (await service.Admin.GetAsync($"/config/{tenant}", ("If-None-Match", tag))).Expect(HttpStatusCode.NotModified).Text.ShouldBeEmpty();
        await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant, enabled: false));
        (await service.Admin.GetAsync($"/config/{tenant}", ("If-None-Match", tag))).Expect(HttpStatusCode.OK).Tag.ShouldNotBe(tag);
    }

    [Fact]
    public async Task Write_WithAnOldTag_IsRefusedAndWritesNothing()
    {
        var path = $"/config/{Tenants.New()}/map/here";
        var old = (await service.Admin.PutAsync(path, new { })).Tag!;
        var current = (await service.Admin.PatchAsync(path, new { enabled = false }, ("If-Match", old))).Expect(HttpStatusCode.OK).Tag!;
        (await service.Admin.PatchAsync(path, new { enabled = true }, ("If-Match", old))).Expect(HttpStatusCode.PreconditionFailed).Code
            .ShouldBe("precondition_failed");
        (await service.Admin.DeleteAsync(path, ("If-Match", old))).Expect(HttpStatusCode.PreconditionFailed);
        (await service.Admin.GetAsync(path)).Tag.ShouldBe(current);
        (await service.Admin.DeleteAsync(path, ("If-Match", current))).Expect(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task PostTenant_WithTheTenantsTag_IsRefusedOnceItHasChanged()
    {
        var tenant = Tenants.New();
        var old = (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Tag!;
        (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant, "mapbox"), ("If-Match", old))).Expect(
            HttpStatusCode.Created);
        (await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant, "here"), ("If-Match", old))).Expect(
            HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task Write_IfMatchAnythingWhereNothingIs_IsRefused()
    {
        var path = $"/config/{Tenants.New()}/map/here";
        (await service.Admin.PutAsync(path, new { }, ("If-Match", "*"))).Expect(HttpStatusCode.PreconditionFailed);
        (await service.Admin.PutAsync(path, new { }, ("If-Match", "no-tag"))).Expect(HttpStatusCode.BadRequest).Code
            .ShouldBe("precondition_malformed");
    }

    [Fact]
    public async Task Tags_OfTwoTenantsWithTheSameContent_Differ()
    {
        var (one, other) = (Tenants.New(), Tenants.New());
        (await service.Admin.PostAsync($"/config/{one}", Tenants.Map(one))).Tag
            .ShouldNotBe((await service.Admin.PostAsync($"/config/{other}", Tenants.Map(other))).Tag);
    }
}
