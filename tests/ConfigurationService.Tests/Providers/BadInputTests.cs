using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Providers;

/// <summary>Every wrong body is told by a stable code, and leaves nothing behind.</summary>
public sealed class BadInputTests(ServiceFixture service)
{
    public static TheoryData<string, string, string> WrongBodies => new()
    {
        { """{"banana_providers":[]}""", "unknown_provider_type", "/banana_providers" },
        { """{"tenant_id":"someone-else"}""", "tenant_mismatch", "/tenant_id" },
        { """{"map_providers":[{"provider_name":"a"},{"provider_name":"a"}]}""", "duplicate_provider", "/map_providers/1" },
        { """{"map_providers":[{"provider_name":"a","priority":"first"}]}""", "invalid_priority", "/map_providers/0/priority" },
        { """{"map_providers":[{"provider_name":"a","prioirty":"primary"}]}""", "unknown_field", "/map_providers/0/prioirty" },
        { """{"unknown":1}""", "unknown_field", "/unknown" },
        { """{"a/b~c":1}""", "unknown_field", "/a~1b~0c" },
        { """{"map_providers":[{"priority":"primary"}]}""", "missing_field", "/map_providers/0/provider_name" },
        { """{"map_providers":[{"provider_name":"a","enabled":"yes"}]}""", "wrong_type", "/map_providers/0/enabled" },
        { """{"map_providers":{}}""", "wrong_type", "/map_providers" },
        { """{"map_providers":[1]}""", "wrong_type", "/map_providers/0" },
        { """{"map_providers":[{"provider_name":"A B"}]}""", "invalid_value", "/map_providers/0/provider_name" },
        { """{"map_providers":[{"provider_name":"a","config":[]}]}""", "wrong_type", "/map_providers/0/config" },
        {
            """{"map_providers":[{"provider_name":"a","config":{"deep":[{"apiKey":"x"}]}}]}""",
            "secret_in_config",
            "/map_providers/0/config/deep/0/apiKey" },
        { "[]", "wrong_type", "" },
    };

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task Post_WrongBody_IsAProblemWithItsPointerAndNothingIsWritten(string body, string code, string place)
    {
        var tenant = Tenants.New();
        var answer = (await service.Admin.PostAsync($"/config/{tenant}", body)).Expect(HttpStatusCode.BadRequest);
        answer.Code.ShouldBe(code);
        answer.Errors.ShouldBe([(place, code)]);
        await NothingWasWritten(tenant);
    }

    [Fact]
    public async Task Post_SeveralFaults_AllAreTold()
    {
        var tenant = Tenants.New();
        var answer = await service.Admin
            .PostAsync($"/config/{tenant}", """{"x":1,"map_providers":[{"provider_name":"a","priority":"z","enabled":0}]}""");
        answer.Code.ShouldBe("validation_failed");
        answer.Errors.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Post_GoodAndBadProviderTogether_NeitherIsWritten()
    {
        var tenant = Tenants.New();
        await service.Admin
            .PostAsync($"/config/{tenant}", """{"map_providers":[{"provider_name":"good"},{"provider_name":"bad","priority":"z"}]}""");
        await NothingWasWritten(tenant);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"map_providers":[],"map_providers":[]}""")]
    [InlineData("""{"tenant_id":"secret-in-broken-json""")]
    public async Task Post_MalformedJson_IsAProblemThatDoesNotQuoteTheBody(string body)
    {
        var answer = (await service.Admin.PostAsync($"/config/{Tenants.New()}", body)).Expect(HttpStatusCode.BadRequest);
        answer.Code.ShouldBe("malformed_json");
        answer.Text.ShouldNotContain("secret-in-broken-json");
    }

    [Fact]
    public async Task Post_OneMegabyte_IsTooLarge()
    {
        var tenant = Tenants.New();
        var body = """{"map_providers":[{"provider_name":"a","config":{"x":"?"}}]}""".Replace(
            "?",
            new string('x', 1 << 20),
            StringComparison.Ordinal);
        (await service.Admin.PostAsync($"/config/{tenant}", body)).Expect(HttpStatusCode.RequestEntityTooLarge).Code
            .ShouldBe("body_too_large");
        await NothingWasWritten(tenant);
    }

    [Theory]
    [InlineData("/config/{0}/banana/x", "unknown_provider_type")]
    [InlineData("/config/{0}/map/UPPER", "invalid_parameter")]
    [InlineData("/config/{0}/history?limit=0", "invalid_parameter")]
    [InlineData("/config/{0}/history?limit=1000", "invalid_parameter")]
    [InlineData("/config/{0}/history?cursor=!!", "invalid_parameter")]
    [InlineData("/config/{0}/history?provider_type=banana", "unknown_provider_type")]
    [InlineData("/config/{0}/history?whatever=1", "invalid_parameter")]
    [InlineData("/config/a%20b", "invalid_tenant")]
    public async Task Get_WrongPathOrQuery_IsAProblem(string path, string code)
    {
        var answer = await service.Admin.GetAsync(string.Format(null, path, Tenants.New()));
        answer.Expect(HttpStatusCode.BadRequest).Code.ShouldBe(code);
    }

    [Fact]
    public async Task Request_WrongMethodOrPathOrMediaType_IsAProblem()
    {
        (await service.Admin.PatchAsync($"/config/{Tenants.New()}", new { })).Expect(HttpStatusCode.MethodNotAllowed).Code
            .ShouldBe("method_not_allowed");
        (await service.Admin.GetAsync("/nowhere")).Expect(HttpStatusCode.NotFound).Code.ShouldBe("not_found");
        (await service.Admin.PostAsync($"/config/{Tenants.New()}")).Expect(HttpStatusCode.UnsupportedMediaType).Code
            .ShouldBe("unsupported_media_type");
    }

    private async Task NothingWasWritten(string tenant)
    {
        (await service.Admin.GetAsync($"/config/{tenant}")).Expect(HttpStatusCode.NotFound);
        (await service.Admin.GetAsync($"/config/{tenant}/history")).Json.GetProperty("history").GetArrayLength().ShouldBe(0);
    }
}
