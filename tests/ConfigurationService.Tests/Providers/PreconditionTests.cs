using System.Net;
using System.Runtime.CompilerServices;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Tests.Service;
using Data.Resilience.Commits;

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

    [Fact]
    public async Task Write_IfNoneMatchAnything_OnlyCreates()
    {
        var path = $"/config/{Tenants.New()}/map/here";
        (await service.Admin.PutAsync(path, new { }, ("If-None-Match", "*"))).Expect(HttpStatusCode.Created);
        (await service.Admin.PutAsync(path, new { enabled = false }, ("If-None-Match", "*"))).Expect(HttpStatusCode.PreconditionFailed);
        (await service.Admin.GetAsync(path)).Json.GetProperty("enabled").GetBoolean().ShouldBeTrue();
        (await service.Admin.PutAsync(path, new { }, ("If-None-Match", "x"))).Expect(HttpStatusCode.BadRequest).Code
            .ShouldBe("precondition_malformed");
        var hub = $"/api/v1/config/{Tenants.New()}";
        (await service.Admin.PostAsync(hub, new { config = new { } }, ("If-None-Match", "*"))).Expect(HttpStatusCode.Created);
        (await service.Admin.PostAsync(hub, new { config = new { } }, ("If-None-Match", "\"1\""))).Expect(
            HttpStatusCode.PreconditionFailed);
        (await service.Admin.DeleteAsync(hub)).Expect(HttpStatusCode.NoContent);
        (await service.Admin.PostAsync(hub, new { config = new { } }, ("If-None-Match", "*"))).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Write_IfMatchAWeakTag_IsRefused()
    {
        var path = $"/config/{Tenants.New()}/map/here";
        var tag = (await service.Admin.PutAsync(path, new { })).Tag!;
        (await service.Admin.PutAsync(path, new { enabled = false }, ("If-Match", $"W/{tag}"))).Expect(HttpStatusCode.PreconditionFailed);
        (await service.Admin.PutAsync(path, new { enabled = false }, ("If-Match", $"W/{tag}, {tag}"))).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public void LeavesDoubt_OutcomeUnknownOrRead_AndNeverAMereRefusal()
    {
        var unknown = (Exception)RuntimeHelpers.GetUninitializedObject(typeof(AmbiguousCommitException));
        Precondition.LeavesDoubt(unknown).ShouldBeTrue();
        Precondition.LeavesDoubt(new OperationCanceledException()).ShouldBeTrue();
        Precondition.LeavesDoubt(new ProblemException(Problems.PreconditionFailed, "")).ShouldBeTrue();
        Precondition.LeavesDoubt(new ProblemException(Problems.NotFound, "")).ShouldBeTrue();
        Precondition.LeavesDoubt(new ProblemException(Problems.StoredTooLarge, "")).ShouldBeFalse();
    }
}
