using Data.Health.Endpoints;

namespace Data.Health.Tests.Endpoints;

public sealed class FormatNegotiatorTests
{
    [Theory]
    [InlineData(null, HealthFormat.PlainText)]
    [InlineData("", HealthFormat.PlainText)]
    [InlineData("*/*", HealthFormat.PlainText)]
    [InlineData("application/health+json", HealthFormat.HealthJson)]
    [InlineData("application/json", HealthFormat.UiJson)]
    [InlineData("APPLICATION/JSON; charset=utf-8", HealthFormat.UiJson)]
    [InlineData("text/plain;q=0.5, application/json;q=0.9", HealthFormat.UiJson)]
    [InlineData("application/json;q=0, text/plain;q=0.1", HealthFormat.PlainText)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", HealthFormat.PlainText)]
    [InlineData("application/*", HealthFormat.HealthJson)]
    [InlineData("text/plain;q=0, */*", HealthFormat.HealthJson)]
    [InlineData("text/*;q=0, application/health+json;q=0, */*;q=0.1", HealthFormat.UiJson)]
    [InlineData("*/*;q=0", HealthFormat.PlainText)]
    [InlineData("*/*, application/json;q=0.5", HealthFormat.PlainText)]
    [InlineData("application/json, application/health+json", HealthFormat.UiJson)]
    [InlineData("application/health+json, application/json", HealthFormat.HealthJson)]
    [InlineData("application/*, text/*", HealthFormat.HealthJson)]
    [InlineData("*/*, application/json", HealthFormat.UiJson)]
    [InlineData("image/png", HealthFormat.PlainText)]
    [InlineData(";;q=,,;=", HealthFormat.PlainText)]
    public void Choose_AcceptHeader_PicksTheHeaviest(string? accept, HealthFormat expected) =>
        FormatNegotiator.Choose(accept, HealthFormat.PlainText).ShouldBe(expected);

    [Theory]
    [InlineData("text/html, */*")]
    [InlineData("application/*")]
    public void Choose_SeveralEquallyWelcome_IsTheDefault(string accept) =>
        FormatNegotiator.Choose(accept, HealthFormat.UiJson).ShouldBe(HealthFormat.UiJson);
}
