using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Observability;

public sealed class MetricsEndpointTests(ServiceFixture service)
{
    [Fact]
    public async Task Metrics_AfterSomeRequests_CoverSessionsHealthTheServerAndTheDriver()
    {
        var tenant = Tenants.New();
        await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        await service.Admin.GetAsync($"/config/{tenant}");
        var answer = await service.Admin.GetAsync("/metrics");
        answer.ContentType.ShouldBe("text/plain");
        var text = Exposition.Parse(answer.Text);
        foreach (var prefix in (string[])["db_client_session_", "data_health_", "aspnetcore_", "db_client_"])
            text.Types.Keys.ShouldContain(name => name.StartsWith(prefix, StringComparison.Ordinal), prefix);
        text.Types.Values.Distinct().Order().ShouldBe(["counter", "gauge", "histogram"]);
    }
}
