using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Data.Health.Tests.Startup;

public sealed class ProcessControlTests
{
    private readonly RecordedLog _log = new();

    [Fact]
    public async Task RefuseTraffic_UntilTheLastIsDisposed_FailsReadinessAlone()
    {
        await using var app = await StartAsync();
        var control = app.Services.GetRequiredService<IHealthControl>();
        control.IsRefusingTraffic.ShouldBeFalse();

        var first = control.RefuseTraffic("maintenance");
        var second = control.RefuseTraffic("reindexing");
        (await app.GetAsync("/health/ready")).ShouldBe((503, "Unhealthy\nrefusing: maintenance\nrefusing: reindexing\n"));
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);
        (await app.GetAsync("/health")).Status.ShouldBe(200);
        (await app.GetAsync("/health/startup")).Status.ShouldBe(200);

        first.Dispose();
        first.Dispose();
        (await app.GetAsync("/health/ready")).Status.ShouldBe(503);
        second.Dispose();
        (await app.GetAsync("/health/ready")).Status.ShouldBe(200);
        _log.Of(4013).Count().ShouldBe(2);
        _log.Of(4014).Count().ShouldBe(2);
    }

    [Fact]
    public async Task ReportBroken_FailsLivenessAndReadinessForGood()
    {
        await using var app = await StartAsync();
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);
        var control = app.Services.GetRequiredService<IHealthControl>();
        control.ReportBroken("corrupt_state");
        control.ReportBroken("again");

        control.IsBroken.ShouldBeTrue();
        control.IsRefusingTraffic.ShouldBeTrue();
        foreach (var path in (string[])["/health/live", "/livez", "/alive", "/health/ready", "/readyz"])
            (await app.GetAsync(path)).Status.ShouldBe(503, path);
        (await app.GetAsync("/health/ready")).Body.ShouldContain("broken: corrupt_state");
        _log.Of(4015).ShouldHaveSingleItem().ShouldContain("corrupt_state");
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("db.internal:5432")]
    [InlineData("9lives")]
    public async Task RefuseTraffic_ReasonIsNoCode_IsAnError(string reason)
    {
        await using var app = await StartAsync();
        var control = app.Services.GetRequiredService<IHealthControl>();
        Should.Throw<ArgumentException>(() => control.RefuseTraffic(reason));
        Should.Throw<ArgumentException>(() => control.ReportBroken(reason));
        control.IsRefusingTraffic.ShouldBeFalse();
    }

    private async Task<HealthApp> StartAsync()
    {
        var app = await HealthApp.StartAsync(_ => { }, host: b => b.Logging.AddProvider(_log));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/ready")).Status == 200, "ready");
        return app;
    }
}
