using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Http;

/// <summary>What JSON can say and a database or a client cannot hold is refused at the door, with its place.</summary>
public sealed class HostileBodyTests(ServiceFixture service)
{
    private readonly string _tenant = Tenants.New();

    public static TheoryData<string> Numbers => [
        "1e131071", "-1e131071", "1e-99999", "0e-131071", "0e131071", "1e99999999999999999999", "1e30", "79228162514264337593543950336",
        "0.0000000000000000000000000000000000000001", "12345678901234567890123456789012345678901"];

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task Number_ThatNoClientCanHold_IsRefusedWithItsPointer(string number)
    {
        var answer = await service.Admin.PutAsync($"/config/{_tenant}/map/here", $$$"""{"config":{"deep":[0,{"n":{{{number}}}}]}}""");
        answer.Expect(HttpStatusCode.BadRequest).Errors.ShouldBe([("/config/deep/1/n", "invalid_value")]);
        (await service.Admin.GetAsync($"/config/{_tenant}")).Expect(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-0.000000000000000000000000000000000000001")]
    [InlineData("1e28")]
    [InlineData("1.5E-10")]
    [InlineData("123456789012345.123456789012345")]
    public async Task Number_AtTheBounds_IsKept(string number) => (await service.Admin.PutAsync(
        $"/config/{_tenant}/map/here", $$$"""{"config":{"n":{{{number}}}}}""")).Expect(HttpStatusCode.Created);

    [Theory]
    [InlineData("""{"config":{"a":"\ud800"}}""", "/config/a")]
    [InlineData("""{"config":{"a":["\udc00x"]}}""", "/config/a/0")]
    [InlineData("""{"config":{"a":"\u0000"}}""", "/config/a")]
    [InlineData("""{"config":{"a/b":{"~":"\u0000"}}}""", "/config/a~1b/~0")]
    [InlineData("""{"config":{"\ud800":1}}""", "/config")]
    [InlineData("""{"config":{"\u0000":1}}""", "/config")]
    [InlineData("""{"api_key":"\ud83d"}""", "/api_key")]
    public async Task Text_ThatTheDatabaseCannotHold_IsRefusedWithItsPointer(string body, string place)
    {
        var answer = (await service.Admin.PutAsync($"/config/{_tenant}/map/here", body)).Expect(HttpStatusCode.BadRequest);
        answer.Errors.ShouldBe([(place, "invalid_value")]);
    }

    [Theory]
    [InlineData("ED A0 80")]
    [InlineData("FF")]
    [InlineData("C3")]
    public async Task Bytes_ThatAreNotUtf8_AreMalformed(string bytes)
    {
        var wrong = Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));
        byte[] body = [.. "{\"config\":{\"a\":\""u8, .. wrong, .. "\"}}"u8];
        var answer = await SendAsync(HttpMethod.Put, $"/config/{_tenant}/map/here", body, "application/json");
        answer.Expect(HttpStatusCode.BadRequest).Code.ShouldBe("malformed_json");
    }

    [Theory]
    [InlineData("a\r\nSet-Cookie: b")]
    [InlineData("a\u0085b")]
    [InlineData("a\n")]
    public async Task KeyName_WithAControlCharacter_IsRefused(string name)
    {
        var answer = await service.Admin.PostAsync("/admin/keys", new { name, scopes = new[] { "read" } });
        answer.Expect(HttpStatusCode.BadRequest).Errors.ShouldBe([("/name", "invalid_value")]);
    }

    [Fact]
    public async Task Name_CountsCharactersAsItsSchemaDoes()
    {
        var name = string.Concat(Enumerable.Repeat("\U0001F600", 100));
        (await service.Admin.PostAsync("/admin/keys", new { name, scopes = new[] { "read" } })).Expect(HttpStatusCode.Created);
        (await service.Admin.PostAsync("/admin/keys", new { name = name + "x", scopes = new[] { "read" } }))
            .Expect(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task ManyFaults_MakeASmallAnswer()
    {
        var members = string.Join(',', Enumerable.Range(0, 10_000).Select(static i => $"\"{new string('x', 10)}{i}\":1"));
        var answer = (await service.Admin.PostAsync($"/config/{_tenant}", $"{{{members}}}")).Expect(HttpStatusCode.BadRequest);
        answer.Errors.Count.ShouldBe(50);
        answer.Text.Length.ShouldBeLessThan(50_000);
        answer.Json.GetProperty("detail").GetString()!.ShouldContain("9999 more");
        var members60 = string.Join(',', Enumerable.Range(0, 60).Select(static i => $"\"{i}\":1e99"));
        var deep = "{\"config\":{\"" + new string('x', 100_000) + "\":{" + members60 + "}}}";
        (await service.Admin.PutAsync($"/config/{_tenant}/map/here", deep)).Expect(HttpStatusCode.BadRequest).Text.Length
            .ShouldBeLessThan(100_000);
    }

    [Fact]
    public async Task Configuration_GrownByPatches_IsNeverLargerThanAPutMayBe()
    {
        (await service.Admin.PutAsync($"/config/{_tenant}/map/here", new { })).Expect(HttpStatusCode.Created);
        var grown = 0;
        Answer answer;
        do
        {
            answer = await service.Admin.PatchAsync(
                $"/config/{_tenant}/map/here", $$$"""{"config":{"part{{{grown++}}}":"{{{new string('x', 60_000)}}}"}}""");
        }
        while (answer.Status == HttpStatusCode.OK && grown < 20);

        answer.Expect(HttpStatusCode.RequestEntityTooLarge).Code.ShouldBe("configuration_too_large");
        grown.ShouldBe(5, "four parts of 60 kB fit into 256 KiB");
        var stored = (await service.Admin.GetAsync($"/config/{_tenant}/map/here")).Expect(HttpStatusCode.OK);
        (await service.Admin.PutAsync($"/config/{_tenant}/map/here", stored.Text)).Expect(HttpStatusCode.OK);
        var tenant = (await service.Admin.GetAsync($"/config/{_tenant}")).Text;
        (await service.Admin.PutAsync($"/config/{_tenant}", tenant)).Expect(HttpStatusCode.OK).Text.ShouldBe(tenant);
        (await service.Admin.PutAsync($"/config/{_tenant}/map/other", $$$"""{"config":{"a":"{{{new string('y', 60_000)}}}"}}"""))
            .Expect(HttpStatusCode.RequestEntityTooLarge);
        (await service.Admin.PatchAsync($"/config/{_tenant}/map/here", """{"config":{"part0":null}}""")).Expect(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("<")]
    [InlineData("é")]
    public async Task Configuration_IsMeasuredAsItIsAnswered(string character)
    {
        // Each takes six bytes in an answer.
        var body = $$$"""{"config":{"a":"{{{string.Concat(Enumerable.Repeat(character, 100_000))}}}"}}""";
        (await service.Admin.PutAsync($"/config/{_tenant}/map/here", body)).Expect(HttpStatusCode.RequestEntityTooLarge);
        (await service.Admin.PostAsync($"/api/v1/config/{_tenant}", body)).Expect(HttpStatusCode.RequestEntityTooLarge).Code
            .ShouldBe("configuration_too_large");
        (await service.Admin.GetAsync($"/config/{_tenant}")).Expect(HttpStatusCode.NotFound);
        (await service.Admin.GetAsync($"/api/v1/config/{_tenant}")).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Configuration_LargerThanAllowed_CanStillShrink()
    {
        await service.SqlAsync("INSERT INTO provider_configs (tenant_id, provider_type, provider_name, config_data) VALUES "
            + $"('{_tenant}', 'map', 'here', jsonb_build_object('a', repeat('x', 300000), 'b', repeat('y', 300000)))");
        (await service.Admin.PatchAsync($"/config/{_tenant}/map/here", """{"config":{"c":1}}""")).Expect(
            HttpStatusCode.RequestEntityTooLarge);
        (await service.Admin.PatchAsync($"/config/{_tenant}/map/here", """{"config":{"b":null}}""")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task History_OfLargeConfigurations_ComesInSmallPages()
    {
        for (var i = 0; i < 9; i++)
        {
            var body = $$$"""{"config":{"i":{{{i}}},"a":"{{{new string('x', 200_000)}}}"}}""";
            var status = i == 0 ? HttpStatusCode.Created : HttpStatusCode.OK;
            (await service.Admin.PutAsync($"/config/{_tenant}/map/here", body)).Expect(status);
            (await service.Admin.PostAsync($"/api/v1/config/{_tenant}", body)).Expect(status);
        }

        foreach (var path in (string[])[$"/config/{_tenant}/history", $"/api/v1/config/history/{_tenant}"])
        {
            var versions = new List<int>();
            string? cursor = null;
            do
            {
                var page = await service.Admin.GetAsync($"{path}?limit=100{(cursor is null ? "" : $"&cursor={cursor}")}");
                page.Expect(HttpStatusCode.OK).Text.Length.ShouldBeLessThan(1_500_000);
                var entries = page.Json.GetProperty("history").EnumerateArray();
                versions.AddRange(entries.Select(static e => e.GetProperty("version").GetInt32()));
                cursor = page.Json.GetProperty("next_cursor").GetString();
            }
            while (cursor is not null);
            versions.ShouldBe([9, 8, 7, 6, 5, 4, 3, 2, 1], path);
        }
    }

    [Fact]
    public async Task Body_WithCurlsDefaultType_IsJsonWhenItLooksLikeIt()
    {
        const string form = "application/x-www-form-urlencoded";
        var tenant = Encoding.UTF8.GetBytes($$$""" {"tenant_id":"{{{_tenant}}}","map_providers":[{"provider_name":"here"}]}""");
        (await SendAsync(HttpMethod.Post, $"/config/{_tenant}", tenant, form)).Expect(HttpStatusCode.Created);
        (await SendAsync(HttpMethod.Post, $"/config/{_tenant}", "a=1&b=2"u8.ToArray(), form)).Expect(HttpStatusCode.UnsupportedMediaType);
        (await SendAsync(HttpMethod.Post, $"/config/{_tenant}", tenant, "text/plain")).Expect(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task HubPost_OfTheConfigurationItself_PublishesIt()
    {
        var path = $"/api/v1/config/{_tenant}";
        var bare = new { max_items = 50, description = "a setting of this name" };
        (await service.Admin.PostAsync(path, bare)).Expect(HttpStatusCode.Created);
        var stored = (await service.Admin.GetAsync(path)).Json;
        stored.GetProperty("config").GetProperty("max_items").GetInt32().ShouldBe(50);
        stored.GetProperty("config").GetProperty("description").GetString().ShouldBe("a setting of this name");
        stored.GetProperty("description").GetString().ShouldBeNull();
        // With the member, everything else is checked as it always was.
        (await service.Admin.PostAsync(path, new { config = new { }, max_items = 50 })).Expect(HttpStatusCode.BadRequest).Errors
            .ShouldBe([("/max_items", "unknown_field")]);
        (await service.Admin.PostAsync(path, "[]")).Expect(HttpStatusCode.BadRequest).Code.ShouldBe("wrong_type");
    }

    private async Task<Answer> SendAsync(HttpMethod method, string path, byte[] body, string type)
    {
        using var http = service.CreateClient();
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.Add("X-API-Key", service.AdminKey);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(
            response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers,
            response.Content.Headers.ContentType?.MediaType);
    }
}
