using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Hub;

public sealed class HubEndpointsTests(ServiceFixture service)
{
    private static string New() => $"service-{Guid.NewGuid():n}";

    [Fact]
    public async Task Post_ThenGet_AnswersWhatWasPublished()
    {
        var name = New();
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-5).ToUnixTimeMilliseconds();
        var made = (await service.Admin.PostAsync(
            $"/api/v1/config/{name}",
            new { config = new { a = new { b = 1 } }, description = "d", tags = new[] { "x", "y" } })).Expect(HttpStatusCode.Created);
        made.Json.GetProperty("status").GetString().ShouldBe("created");
        made.Json.GetProperty("broadcast").GetString().ShouldBeOneOf("sent", "skipped");
        var read = (await service.Admin.GetAsync($"/api/v1/config/{name}")).Expect(HttpStatusCode.OK);
        read.Json.GetProperty("service_name").GetString().ShouldBe(name);
        read.Json.GetProperty("config").GetProperty("a").GetProperty("b").GetInt32().ShouldBe(1);
        read.Json.GetProperty("updated_at").GetInt64().ShouldBeGreaterThan(before);
        read.Json.GetProperty("tags").GetArrayLength().ShouldBe(2);
        read.Tag.ShouldBe("\"1\"");
    }

    [Fact]
    public async Task Post_Again_IsUpdatedAndKeepsWhatIsNotSaid()
    {
        var name = New();
        await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { a = 1 }, description = "d", tags = new[] { "x" } });
        await service.Admin.GetAsync($"/api/v1/config/{name}");
        var second = (await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { a = 2 } })).Expect(HttpStatusCode.OK)
            .Json;
        second.GetProperty("status").GetString().ShouldBe("updated");
        second.GetProperty("version").GetInt32().ShouldBe(2);
        var read = (await service.Admin.GetAsync($"/api/v1/config/{name}")).Json;
        read.GetProperty("config").GetProperty("a").GetInt32().ShouldBe(2);
        read.GetProperty("description").GetString().ShouldBe("d");
    }

    [Fact]
    public async Task DeleteAndRollback_EachIsRecorded()
    {
        var name = New();
        await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { a = 1 } });
        await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { a = 2 } });
        (await service.Admin.DeleteAsync($"/api/v1/config/{name}")).Expect(HttpStatusCode.NoContent);
        (await service.Admin.GetAsync($"/api/v1/config/{name}")).Expect(HttpStatusCode.NotFound).Code.ShouldBe("not_found");
        (await service.Admin.PostAsync($"/api/v1/config/{name}/rollback", new { version = 3 })).Expect(HttpStatusCode.Conflict);
        (await service.Admin.PostAsync($"/api/v1/config/{name}/rollback", new { version = 1 })).Json.GetProperty("version").GetInt32()
            .ShouldBe(4);
        (await service.Admin.GetAsync($"/api/v1/config/{name}")).Json.GetProperty("config").GetProperty("a").GetInt32().ShouldBe(1);

        var history = (await service.Admin.GetAsync($"/api/v1/config/history/{name}")).Expect(HttpStatusCode.OK).Json;
        history.GetProperty("total").GetInt32().ShouldBe(4);
        history.GetProperty("history").EnumerateArray().Select(static e => e.GetProperty("action").GetString())
            .ShouldBe(["rollback", "deleted", "updated", "created"]);
        (await service.Admin.GetAsync($"/api/v1/config/history/{name}/verify")).Json.GetProperty("intact").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task History_DefaultsToTenAndAllowsAHundred()
    {
        var name = New();
        for (var i = 0; i < 12; i++)
            await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { i } });
        (await service.Admin.GetAsync($"/api/v1/config/history/{name}")).Json.GetProperty("history").GetArrayLength().ShouldBe(10);
        var all = (await service.Admin.GetAsync($"/api/v1/config/history/{name}?limit=100")).Json;
        all.GetProperty("history").GetArrayLength().ShouldBe(12);
        all.GetProperty("total").GetInt32().ShouldBe(12);
        (await service.Admin.GetAsync($"/api/v1/config/history/{name}?limit=101")).Expect(HttpStatusCode.BadRequest).Code
            .ShouldBe("invalid_parameter");
    }

    [Fact]
    public async Task Unknown_IsNotFoundEverywhere()
    {
        var name = New();
        (await service.Admin.GetAsync($"/api/v1/config/{name}")).Expect(HttpStatusCode.NotFound);
        (await service.Admin.GetAsync($"/api/v1/config/history/{name}")).Expect(HttpStatusCode.NotFound);
        (await service.Admin.DeleteAsync($"/api/v1/config/{name}")).Expect(HttpStatusCode.NotFound);
        (await service.Admin.PostAsync($"/api/v1/config/{name}/rollback", new { version = 1 })).Expect(HttpStatusCode.NotFound).Code
            .ShouldBe("version_not_found");
    }

    [Theory]
    [InlineData("""{"config":"text"}""", "wrong_type", "/config")]
    [InlineData("""{"config":{},"service_name":"other"}""", "invalid_value", "/service_name")]
    [InlineData("""{"config":{},"tags":["a",1]}""", "wrong_type", "/tags/1")]
    [InlineData("""{"config":{},"x":1}""", "unknown_field", "/x")]
    public async Task Post_WrongBody_IsAProblemAndNothingIsWritten(string body, string code, string place)
    {
        var name = New();
        (await service.Admin.PostAsync($"/api/v1/config/{name}", body)).Expect(HttpStatusCode.BadRequest).Errors.ShouldBe([(place, code)]);
        (await service.Admin.GetAsync($"/api/v1/config/history/{name}")).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Write_WithAnOldTag_IsRefused()
    {
        var name = New();
        var tag = (await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { a = 1 } })).Tag!;
        (await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { a = 2 } }, ("If-Match", tag))).Expect(
            HttpStatusCode.OK);
        (await service.Admin.PostAsync($"/api/v1/config/{name}", new { config = new { a = 3 } }, ("If-Match", tag))).Expect(
            HttpStatusCode.PreconditionFailed);
        (await service.Admin.GetAsync($"/api/v1/config/{name}", ("If-None-Match", "\"2\""))).Expect(HttpStatusCode.NotModified);
    }
}
