using System.Net;
using System.Text.Json;
using ConfigurationService.Hosting;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Hosting;

public sealed class OpenApiTests(ServiceFixture service)
{
    [Fact]
    public async Task Document_DescribesEveryOperationWithItsKeyAndSummary()
    {
        var document = (await service.With(null).GetAsync("/openapi/v1.json")).Expect(HttpStatusCode.OK).Json;
        document.GetProperty("components").GetProperty("securitySchemes").GetProperty("ApiKey").GetProperty("name").GetString()
            .ShouldBe("X-API-Key");
        var operations = Operations(document).ToList();
        operations.Count.ShouldBeGreaterThan(20);
        foreach (var (path, operation) in operations)
        {
            operation.GetProperty("operationId").GetString().ShouldNotBeNullOrEmpty(path);
            operation.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty(path);
            operation.GetProperty("security").GetArrayLength().ShouldBe(1, path);
            operation.GetProperty("responses").TryGetProperty("401", out _).ShouldBeTrue(path);
            if (operation.TryGetProperty("requestBody", out var body))
                body.GetProperty("content").EnumerateObject().ShouldAllBe(m => m.Value.ValueKind == JsonValueKind.Object);
        }
    }

    [Fact]
    public async Task Document_EveryBodyHasAnExample_AndEveryExampleItsOperation()
    {
        var document = (await service.With(null).GetAsync("/openapi/v1.json")).Json;
        var examples = Operations(document).Where(static o => o.Operation.TryGetProperty("requestBody", out _))
            .ToDictionary(
                static o => o.Operation.GetProperty("operationId").GetString()!,
                static o => o.Operation.GetProperty("requestBody").GetProperty("content").EnumerateObject().First().Value);
        examples.Keys.Order().ShouldBe(OpenApiExamples.Bodies.Keys.Order());
        foreach (var (id, media) in examples)
            media.TryGetProperty("example", out _).ShouldBeTrue(id);
    }

    [Theory]
    [InlineData("upsert_providers", "POST", "/config/test-tenant")]
    [InlineData("replace_providers", "PUT", "/config/test-tenant")]
    [InlineData("put_provider", "PUT", "/config/test-tenant/map/here")]
    [InlineData("publish_service", "POST", "/api/v1/config/example")]
    [InlineData("create_key", "POST", "/admin/keys")]
    public async Task Example_Sent_IsAccepted(string operation, string method, string path) =>
        ((int)(await service.Admin.SendAsync(new HttpMethod(method), path, OpenApiExamples.Bodies[operation])).Status).ShouldBeOneOf(
            200,
            201);

    [Fact]
    public async Task Document_NamesMembersInSnakeCase()
    {
        var text = (await service.With(null).GetAsync("/openapi/v1.json")).Text;
        text.ShouldContain("\"provider_name\"");
        text.ShouldNotContain("\"providerName\"");
        text.ShouldContain("X-Change-Reason");
    }

    private static IEnumerable<(string Path, JsonElement Operation)> Operations(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject()
            .SelectMany(static path => path.Value.EnumerateObject().Select(o => ($"{o.Name} {path.Name}", o.Value)));
}
