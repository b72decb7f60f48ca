using System.Net;
using ConfigurationService.Tests.Service;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace ConfigurationService.Tests.Observability;

public sealed class MetricsEndpointTests(ServiceFixture service)
{
    [Fact]
    public async Task Metrics_AfterSomeRequests_CoverThePackagesTheServerTheDriverAndTheRuntime()
    {
        var tenant = Tenants.New();
        await service.Admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant));
        await service.Admin.GetAsync($"/config/{tenant}");
        await service.Admin.PostAsync("/documents", """{"documents":[{"id":"a","text":"measured"}]}""");
        var answer = await service.Admin.GetAsync("/metrics");
        answer.ContentType.ShouldBe("text/plain");
        var text = Exposition.Parse(answer.Text);
        foreach (var meter in (string[])[
            "Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health", "Npgsql", "Microsoft.AspNetCore.Hosting", "System.Runtime"])
        {
            text.Meters.ShouldContain(meter);
        }

        text.Types.Values.Distinct().Order().ShouldBe(["counter", "gauge", "histogram"]);
    }

    [Fact]
    public async Task Metrics_ByAnotherMethod_AreNotThere() =>
        (await service.Admin.PostAsync("/metrics")).Expect(HttpStatusCode.MethodNotAllowed);

    [Fact]
    public void Traces_WithoutACollector_AreNotRecorded() => service.Services.GetService<TracerProvider>().ShouldBeNull();
}
