using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Data.Health.Tests.Startup;

public sealed class DrainTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StopAsync_ShutdownDelay_FailsReadinessWhileTheServerStillAnswers()
    {
        await using var app = await HealthApp.StartAsync(
            b => b.AddContributor("db", _ => new SwitchCheck(), c => c.Period = TimeSpan.FromMilliseconds(50)),
            o => o.ShutdownDelay = TimeSpan.FromSeconds(2));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/ready")).Status == 200, "ready");

        var stopped = app.App.StopAsync(Cancellation);
        for (var i = 0; i < 10; i++)
        {
            var (status, body) = await app.GetAsync("/health/ready");
            status.ShouldBe(503);
            body.ShouldStartWith("Unhealthy\nshutting_down\ndb: Healthy");
            (await app.GetAsync("/health/live")).Status.ShouldBe(200);
            (await app.GetAsync("/health")).Status.ShouldBe(200);
            stopped.IsCompleted.ShouldBeFalse();
        }

        await stopped;
        await Should.ThrowAsync<HttpRequestException>(() => app.GetAsync("/health/live"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    public async Task Start_DelayNotBelowTheHostsShutdownTimeout_IsAnError(int seconds)
    {
        await using var app = HealthApp.Build(
            _ => { },
            o => o.ShutdownDelay = TimeSpan.FromSeconds(seconds),
            b => b.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromSeconds(7)));
        var error = await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));
        error.Message.ShouldContain("ShutdownDelay");
        error.Message.ShouldContain("00:00:07");
    }
}
