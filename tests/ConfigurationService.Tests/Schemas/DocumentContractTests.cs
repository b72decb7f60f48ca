using System.Net;
using System.Text.Json;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Schemas;

/// <summary>What the OpenAPI document says is what the service does: bodies, answers, statuses and parameters.</summary>
public sealed class DocumentContractTests(ServiceFixture service)
{
    private readonly string _tenant = Tenants.New();

    [Fact]
    public async Task EveryExample_IsValidAgainstItsOwnSchema()
    {
        var document = await ServiceDocument.ReadAsync(service.With(null));
        foreach (var id in document.OperationIds.Where(document.HasBody))
            document.Check.Faults(document.BodySchema(id), document.BodyExample(id)).ShouldBeEmpty(id);
    }

    [Fact]
    public async Task Answers_AreAsTheirSchemasSay()
    {
        var document = await ServiceDocument.ReadAsync(service.With(null));
        var hub = $"/api/v1/config/{_tenant}";
        var admin = service.Admin;
        var id = Guid.Empty;
        await SeeAsync("upsert_providers", admin.PostAsync($"/config/{_tenant}", Tenants.Map(_tenant)), HttpStatusCode.Created);
        var read = await SeeAsync("read_provider", admin.GetAsync($"/config/{_tenant}/map/openstreetmap"), HttpStatusCode.OK);
        id = read.Json.GetProperty("id").GetGuid();
        await SeeAsync("read_provider", admin.GetAsync(
            $"/config/{_tenant}/map/openstreetmap", ("If-None-Match", read.Tag!)), HttpStatusCode.NotModified);
        await SeeAsync("replace_providers", admin.PutAsync($"/config/{_tenant}", Tenants.Map(_tenant)), HttpStatusCode.OK);
        await SeeAsync("put_provider", admin.PutAsync($"/config/{_tenant}/sms/x", new { config = new { a = 1 } }), HttpStatusCode.Created);
        await SeeAsync("patch_provider", admin.PatchAsync($"/config/{_tenant}/sms/x", new { config = new { a = 2 } }), HttpStatusCode.OK);
        var large = new { config = new { a = new string('x', 300_000) } };
        await SeeAsync("put_provider", admin.PutAsync($"/config/{_tenant}/sms/x", large), HttpStatusCode.RequestEntityTooLarge);
        await SeeAsync("patch_provider", admin.PatchAsync($"/config/{_tenant}/sms/none", new { }), HttpStatusCode.NotFound);
        await SeeAsync("patch_provider", admin.PatchAsync(
            $"/config/{_tenant}/sms/x", new { }, ("If-Match", "\"99\"")), HttpStatusCode.PreconditionFailed);
        await SeeAsync("enable_provider", admin.PostAsync($"/config/{_tenant}/sms/x/enable"), HttpStatusCode.OK);
        await SeeAsync("delete_provider", admin.DeleteAsync($"/config/{_tenant}/sms/x"), HttpStatusCode.NoContent);
        await SeeAsync("read_tenant", admin.GetAsync($"/config/{_tenant}"), HttpStatusCode.OK);
        await SeeAsync("read_history", admin.GetAsync($"/config/{_tenant}/history?limit=2"), HttpStatusCode.OK);
        await SeeAsync("read_history", admin.GetAsync($"/config/{_tenant}/history?limit=x"), HttpStatusCode.BadRequest);
        await SeeAsync("verify_history", admin.GetAsync($"/config/{_tenant}/history/verify"), HttpStatusCode.OK);
        await SeeAsync(
            "rollback_provider", admin.PostAsync($"/config/{_tenant}/rollback", new { config_id = id, version = 1 }), HttpStatusCode.OK);
        await SeeAsync("publish_service", admin.PostAsync(hub, new { config = new { a = 1 } }), HttpStatusCode.Created);
        await SeeAsync("read_service", admin.GetAsync(hub), HttpStatusCode.OK);
        await SeeAsync("read_service_history", admin.GetAsync($"/api/v1/config/history/{_tenant}"), HttpStatusCode.OK);
        await SeeAsync("verify_service_history", admin.GetAsync($"/api/v1/config/history/{_tenant}/verify"), HttpStatusCode.OK);
        await SeeAsync("delete_service", admin.DeleteAsync(hub), HttpStatusCode.NoContent);
        await SeeAsync("rollback_service", admin.PostAsync($"{hub}/rollback", new { version = 2 }), HttpStatusCode.Conflict);
        await SeeAsync("rollback_service", admin.PostAsync($"{hub}/rollback", new { version = 1 }), HttpStatusCode.Created);
        var key = new { name = _tenant, scopes = new[] { "read" } };
        await SeeAsync("create_key", admin.PostAsync("/admin/keys", key), HttpStatusCode.Created);
        await SeeAsync("create_key", admin.PostAsync("/admin/keys", new { x = 1 }), HttpStatusCode.BadRequest);
        await SeeAsync("list_keys", admin.GetAsync("/admin/keys"), HttpStatusCode.OK);
        await SeeAsync("list_catalogue", admin.GetAsync("/providers"), HttpStatusCode.OK);
        await SeeAsync("read_catalogue_provider", admin.GetAsync("/providers/map/openstreetmap"), HttpStatusCode.OK);
        await SeeAsync("write_documents", admin.PostAsync(
            "/documents", """{"documents":[{"id":"c","text":"contract","metadata":{"n":1.5,"s":"t","b":true}}]}"""), HttpStatusCode.OK);
        await SeeAsync("search_documents", admin.PostAsync("/documents/search", new { query = "contract" }), HttpStatusCode.OK);
        await SeeAsync("read_tenant", service.With(null).GetAsync($"/config/{_tenant}"), HttpStatusCode.Unauthorized);

        async Task<Answer> SeeAsync(string operation, Task<Answer> sent, HttpStatusCode status)
        {
            var answer = (await sent).Expect(status);
            document.Faults(operation, answer).ShouldBeEmpty();
            return answer;
        }
    }

    [Fact]
    public async Task Parameters_AreDeclaredWithTheirBounds()
    {
        var document = await ServiceDocument.ReadAsync(service.With(null));
        Queries("read_history").ShouldBe(["provider_type", "provider_name", "limit", "cursor"]);
        Queries("read_service_history").ShouldBe(["limit", "cursor"]);
        var limit = document.Operation("read_history").GetProperty("parameters").EnumerateArray()
            .Single(static p => p.GetProperty("name").GetString() == "limit").GetProperty("schema");
        (limit.GetProperty("minimum").GetInt32(), limit.GetProperty("maximum").GetInt32(), limit.GetProperty("default").GetInt32())
            .ShouldBe((1, 200, 50));
        document.Operation("read_tenant").GetProperty("parameters")[0].GetProperty("schema").GetProperty("maxLength").GetInt32()
            .ShouldBe(255);

        string?[] Queries(string id) => [.. document.Operation(id).GetProperty("parameters").EnumerateArray()
            .Where(static p => p.GetProperty("in").GetString() == "query").Select(static p => p.GetProperty("name").GetString())];
    }

    [Fact]
    public async Task Numbers_AreNumbersAndNeverTexts()
    {
        var text = (await service.With(null).GetAsync("/openapi/v1.json")).Json.GetProperty("components").ToString();
        foreach (var type in (string[])["integer", "number"])
        {
            text.ShouldNotContain($"\"{type}\",\n              \"string\"");
            JsonElement.Parse(text).GetProperty("schemas").ToString().ShouldNotContain("^-?(?:0|[1-9]");
        }
    }

    [Fact]
    public async Task Read_SentBackAsItIs_ChangesNothingAndKeepsEverySecret()
    {
        await service.Admin.PutAsync(
            $"/config/{_tenant}/sms/x",
            new { api_key = "k", api_secret = "s", priority = "tertiary", enabled = false, config = new { a = 1 } });
        var document = await ServiceDocument.ReadAsync(service.With(null));
        var tenant = (await service.Admin.GetAsync($"/config/{_tenant}")).Text;
        var provider = (await service.Admin.GetAsync($"/config/{_tenant}/sms/x")).Text;
        document.Check.Faults(document.BodySchema("replace_providers"), JsonElement.Parse(tenant)).ShouldBeEmpty();
        document.Check.Faults(document.BodySchema("put_provider"), JsonElement.Parse(provider)).ShouldBeEmpty();

        (await service.Admin.PutAsync($"/config/{_tenant}", tenant)).Text.ShouldBe(tenant);
        (await service.Admin.PostAsync($"/config/{_tenant}", tenant)).Text.ShouldBe(tenant);
        (await service.Admin.PutAsync($"/config/{_tenant}/sms/x", provider)).Text.ShouldBe(provider);
        (await service.Admin.PatchAsync($"/config/{_tenant}/sms/x", provider)).Text.ShouldBe(provider);
        await service.Admin.PostAsync($"/api/v1/config/{_tenant}", new { config = new { a = 1 }, description = "d", tags = new[] { "t" } });
        var hub = (await service.Admin.GetAsync($"/api/v1/config/{_tenant}")).Text;
        (await service.Admin.PostAsync($"/api/v1/config/{_tenant}", hub)).Json.GetProperty("version").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Nulls_WhereTheSchemaAllowsThem_AreAbsence()
    {
        await service.Admin.PutAsync($"/config/{_tenant}/sms/x", new { priority = "tertiary", enabled = false, config = new { a = 1 } });
        var nulls = """{"provider_name":null,"priority":null,"enabled":null,"config":null}""";
        var after = (await service.Admin.PatchAsync($"/config/{_tenant}/sms/x", nulls)).Expect(HttpStatusCode.OK).Json;
        after.GetProperty("version").GetInt32().ShouldBe(1);
        (await service.Admin.PostAsync($"/config/{_tenant}", """{"tenant_id":null,"map_providers":null}""")).Expect(HttpStatusCode.OK);
    }
}
