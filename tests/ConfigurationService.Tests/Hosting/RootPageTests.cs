using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Hosting;

public sealed class RootPageTests(ServiceFixture service)
{
    [Fact]
    public async Task Get_ByABrowser_IsAPageWithLinksThatWorkAndWithoutAnySecret()
    {
        var browser = service.With(null);
        var page = (await browser.GetAsync("/", ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")))
            .Expect(HttpStatusCode.OK);
        page.ContentType.ShouldBe("text/html");
        page.Text.ShouldContain("X-API-Key");
        page.Text.ShouldNotContain(service.AdminKey);
        foreach (var path in (string[])["/openapi/v1.json", "/health/ui", "/metrics", "/providers"])
        {
            page.Text.ShouldContain($"href=\"{path}\"");
            (await browser.GetAsync(path)).Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.Unauthorized);
        }
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("text/html;q=0.1, application/json")]
    [InlineData("nonsense")]
    public async Task Get_ByAProgram_IsJson(string accept)
    {
        var answer = (await service.With(null).GetAsync("/", ("Accept", accept))).Expect(HttpStatusCode.OK);
        answer.Json.GetProperty("links").GetProperty("openapi").GetString().ShouldBe("/openapi/v1.json");
    }
}
