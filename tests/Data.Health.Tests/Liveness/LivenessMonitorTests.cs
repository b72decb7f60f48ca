using Data.Health.Liveness;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Liveness;

public sealed class LivenessMonitorTests
{
    [Fact]
    public async Task IsAlive_WatchedLoopFallsSilent_FailsUntilItBeatsAgain()
    {
        var time = new FakeTimeProvider();
        await using var app = await HealthApp.StartAsync(_ => { }, host: b => b.Services.AddSingleton<TimeProvider>(time));
        var liveness = app.Services.GetRequiredService<ILiveness>();
        var pulse = liveness.Watch("worker", TimeSpan.FromSeconds(5));
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);

        time.Advance(TimeSpan.FromSeconds(6));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/live")).Status == 503, "silent");

        pulse.Beat();
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);

        time.Advance(TimeSpan.FromSeconds(6));
        (await app.GetAsync("/health/live")).Status.ShouldBe(503);
        pulse.Dispose();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/live")).Status == 200, "no longer watched");
    }

    [Fact]
    public async Task IsAlive_EvaluationStandsStill_Fails()
    {
        var time = new FakeTimeProvider();
        var check = new SwitchCheck();
        await using var app = await HealthApp.StartAsync(
            b => b.AddContributor("db", _ => check),
            host: b => b.Services.AddSingleton<TimeProvider>(time));
        await Eventually.BeAsync(() => check.Runs == 1, "the first run");
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);

        // The clock moves without firing timers, as it does for a process that was frozen.
        time.AdjustTime(time.GetUtcNow() + TimeSpan.FromMinutes(2));
        (await app.GetAsync("/health/live")).Status.ShouldBe(503);
    }

    [Fact]
    public async Task Live_EveryDependencyHangs_StaysGood()
    {
        var hang = new SwitchCheck { Answer = _ => new TaskCompletionSource<HealthCheckResult>().Task };
        await using var app = await HealthApp.StartAsync(b =>
        {
            for (var i = 0; i < 20; i++)
            {
                b.AddContributor(
                    "d" + i,
                    _ => hang,
                    c => (c.Period, c.Timeout) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)));
            }
        });
        await Eventually.BeAsync(
            async () => (await app.GetAsync("/health/d19")).Body.Contains("hung", StringComparison.Ordinal),
            "hung");
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);
        hang.Runs.ShouldBe(20);
    }
}
