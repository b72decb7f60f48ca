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
    [InlineData("image/png", HealthFormat.PlainText)]
    [InlineData(";;q=,,;=", HealthFormat.PlainText)]
    public void Choose_AcceptHeader_PicksTheHeaviest(string? accept, HealthFormat expected) =>
        FormatNegotiator.Choose(accept, HealthFormat.PlainText).ShouldBe(expected);
}
