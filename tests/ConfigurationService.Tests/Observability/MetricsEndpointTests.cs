using System.Net;
using ConfigurationService.Tests.Service;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace ConfigurationService.Tests.Observability;

public sealed class MetricsEndpointTests(ServiceFixture service)
{
    [Fact]
    public async Task Metrics_AreText()
    {
        var answer = (await service.Admin.GetAsync("/metrics")).Expect(HttpStatusCode.OK);
        answer.ContentType.ShouldBe("text/plain");
        answer.Text.ShouldContain("# TYPE ");
    }

    [Fact]
    public async Task Metrics_ByAnotherMethod_AreNotThere() =>
        (await service.Admin.PostAsync("/metrics")).Expect(HttpStatusCode.MethodNotAllowed);

    [Fact]
    public void Traces_WithoutACollector_AreNotRecorded() => service.Services.GetService<TracerProvider>().ShouldBeNull();
}
