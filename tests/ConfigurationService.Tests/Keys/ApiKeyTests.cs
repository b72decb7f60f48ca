using System.Net;
using ConfigurationService.Keys;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Keys;

public sealed class ApiKeyTests(ServiceFixture service)
{
    [Theory]
    [InlineData("/config/t")]
    [InlineData("/api/v1/config/s")]
    [InlineData("/providers")]
    [InlineData("/metrics")]
    [InlineData("/admin/keys")]
    [InlineData("/nowhere")]
    public async Task Request_WithoutOrWithAWrongKey_IsUnauthorized(string path)
    {
        var none = (await service.With(null).GetAsync(path)).Expect(HttpStatusCode.Unauthorized);
        none.Code.ShouldBe("key_missing");
        none.Headers.WwwAuthenticate.ToString().ShouldBe("ApiKey");
        (await service.With("nonsense").GetAsync(path)).Expect(HttpStatusCode.Unauthorized).Code.ShouldBe("key_invalid");
        (await service.With(ApiKeySecret.Create()).GetAsync(path)).Expect(HttpStatusCode.Unauthorized).Code.ShouldBe("key_invalid");
    }

    [Fact]
    public async Task Write_WithoutAKey_WritesNothing()
    {
        var tenant = Tenants.New();
        (await service.With(null).PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Expect(HttpStatusCode.Unauthorized);
        (await service.Admin.GetAsync($"/config/{tenant}/history")).Json.GetProperty("history").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task AnotherTenantsKey_GetsTheAnswerOfAPathThatIsNotThere()
    {
        var (mine, other) = (Tenants.New(), Tenants.New());
        await service.Admin.PostAsync($"/config/{other}", Tenants.Map(other));
        var client = await service.TenantAsync(mine);
        var there = (await client.GetAsync($"/config/{other}")).Expect(HttpStatusCode.NotFound);
        var notThere = (await client.GetAsync($"/config/{Tenants.New()}")).Expect(HttpStatusCode.NotFound);
        there.Json.GetProperty("detail").GetString().ShouldBe(notThere.Json.GetProperty("detail").GetString());
        (await client.PostAsync($"/config/{other}", Tenants.Map(other, enabled: false))).Expect(HttpStatusCode.NotFound).Code
            .ShouldBe("not_found");
        (await client.DeleteAsync($"/config/{other}")).Expect(HttpStatusCode.NotFound);
        (await client.GetAsync($"/config/{other}/history")).Expect(HttpStatusCode.NotFound);
        (await service.Admin.GetAsync($"/config/{other}")).Json.GetProperty("map_providers")[0].GetProperty("version").GetInt32()
            .ShouldBe(1);
    }

    [Fact]
    public async Task TenantsKey_ReachesItsTenantAndTheCatalogueAndNothingElse()
    {
        var tenant = Tenants.New();
        var client = await service.TenantAsync(tenant);
        (await client.PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Expect(HttpStatusCode.Created);
        (await client.GetAsync("/providers/map/openstreetmap")).Expect(HttpStatusCode.OK);
        (await client.GetAsync("/admin/keys")).Expect(HttpStatusCode.NotFound);
        // Judged from memory, where only administrators are known.
        (await client.GetAsync("/metrics")).Expect(HttpStatusCode.Unauthorized);
        (await client.GetAsync("/api/v1/config/any")).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ReadingKey_CannotWrite()
    {
        var tenant = Tenants.New();
        var reader = await service.TenantAsync(tenant, "read");
        (await reader.PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Expect(HttpStatusCode.Forbidden).Code.ShouldBe("scope_missing");
        (await reader.GetAsync($"/config/{tenant}/history")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task DeletedKey_StopsWorkingAtOnceAndIsListedNoMore()
    {
        var tenant = Tenants.New();
        var made = (await service.Admin.PostAsync(
            "/admin/keys",
            new { name = "short-lived", tenant_id = tenant, scopes = new[] { "read" } })).Expect(HttpStatusCode.Created).Json;
        var (id, key) = (made.GetProperty("id").GetGuid(), made.GetProperty("key").GetString()!);
        (await service.With(key).GetAsync($"/config/{tenant}/history")).Expect(HttpStatusCode.OK);
        var list = (await service.Admin.GetAsync("/admin/keys")).Expect(HttpStatusCode.OK).Text;
        list.ShouldContain(id.ToString());
        list.ShouldNotContain(key);
        (await service.Admin.DeleteAsync($"/admin/keys/{id}")).Expect(HttpStatusCode.NoContent);
        (await service.With(key).GetAsync($"/config/{tenant}/history")).Expect(HttpStatusCode.Unauthorized);
        (await service.Admin.GetAsync("/admin/keys")).Text.ShouldNotContain(id.ToString());
        (await service.Admin.DeleteAsync($"/admin/keys/{id}")).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ExpiredKey_IsRefused()
    {
        var tenant = Tenants.New();
        var made = (await service.Admin
            .PostAsync("/admin/keys", new { name = "old", tenant_id = tenant, scopes = new[] { "read" }, expires_in_days = 1 })).Json;
        await service.SqlAsync(
            $"UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = '{made.GetProperty("id").GetGuid()}'");
        (await service.With(made.GetProperty("key").GetString()).GetAsync($"/config/{tenant}/history")).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Database_HoldsTheHashOnly()
    {
        var made = (await service.Admin.PostAsync("/admin/keys", new { name = "hashed", scopes = new[] { "read" } })).Json;
        var key = made.GetProperty("key").GetString()!;
        var row = (string)(await service.SqlAsync($"SELECT api_keys::text FROM api_keys WHERE id = '{made.GetProperty("id").GetGuid()}'"))!;
        row.ShouldNotContain(key[8..]);
        row.ShouldContain(Convert.ToHexStringLower(ApiKeySecret.Hash(key)));
    }

    [Theory]
    [InlineData("""{"name":"a","scopes":[]}""", "/scopes")]
    [InlineData("""{"name":"a","scopes":["root"]}""", "/scopes/0")]
    [InlineData("""{"name":"a","tenant_id":"t","scopes":["admin"]}""", "/scopes")]
    [InlineData("""{"scopes":["read"]}""", "/name")]
    [InlineData("""{"name":"a","scopes":["read"],"expires_in_days":99999}""", "/expires_in_days")]
    public async Task Create_WrongBody_IsAProblem(string body, string place) =>
        (await service.Admin.PostAsync("/admin/keys", body)).Expect(HttpStatusCode.BadRequest).Errors.ShouldHaveSingleItem().Pointer
            .ShouldBe(place);
}
