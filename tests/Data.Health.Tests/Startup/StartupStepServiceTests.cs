using Data.Health.Startup;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Data.Health.Tests.Startup;

public sealed class StartupStepServiceTests
{
    [Fact]
    public async Task AddStartupStep_WorkFailsFirst_IsTriedAgainAndThenOpensTheGate()
    {
        var runs = 0;
        await using var app = await HealthApp.StartAsync(b => b
            .AddStartupStep("first", (_, _) => Interlocked.Increment(ref runs) == 1 ? throw new IOException() : Task.CompletedTask)
            .AddStartupStep("second", (_, _) => Task.CompletedTask));
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);
        await app.Services.GetRequiredService<IStartupGate>().WaitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        runs.ShouldBe(2);
        (await app.GetAsync("/health/startup")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Complete_UnknownStep_IsAnError()
    {
        await using var app = await HealthApp.StartAsync(b => b.AddStartupStep("warm-up"));
        var gate = app.Services.GetRequiredService<IStartupGate>();
        Should.Throw<ArgumentException>(() => gate.Complete("warmup")).Message.ShouldContain("warm-up");
        await Eventually.BeAsync(() => gate.Pending.Count == 1, "only the step is left");
        gate.Pending.ShouldBe(["warm-up"]);
        gate.Complete("WARM-UP");
        gate.Complete("warm-up");
        gate.IsFinished.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Warm-Up", "Warm-Up")]
    [InlineData("HOST", "reserved")]
    public void AddStartupStep_NameTakenOrReserved_IsAnError(string name, string expected)
    {
        var builder = new ServiceCollection().AddDataHealth().AddStartupStep("warm-up");
        Should.Throw<ArgumentException>(() => builder.AddStartupStep(name)).Message.ShouldContain(expected);
        Should.Throw<ArgumentException>(() => builder.AddStartupStep(name, (_, _) => Task.CompletedTask)).Message.ShouldContain(expected);
        builder.Services.Count(s => s.ImplementationInstance is StartupStepName).ShouldBe(1);
    }

    [Fact]
    public async Task AddStartupStep_WorkNeedsAMissingService_LogsTheCause()
    {
        var log = new RecordedLog();
        await using var app = await HealthApp.StartAsync(
            b => b.AddStartupStep("warm-up", (p, _) => Task.FromResult(p.GetRequiredService<RecordedLog>())),
            host: b => b.Logging.AddProvider(log));
        await Eventually.BeAsync(() => log.Of(4008).Any(), "the failure");
        log.Of(4008).First().ShouldContain(nameof(RecordedLog));
    }
}
