using System.Collections.Concurrent;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Tests.Evaluation;

/// <summary>An application that was written for the framework's health checks, with one line more.</summary>
public sealed class EvaluatedHealthCheckServiceTests
{
    private static readonly TimeSpan Rarely = TimeSpan.FromMinutes(10);
    private readonly SwitchCheck _db = new();
    private readonly SwitchCheck _mail = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CheckHealthAsync_MapHealthChecksAndTwoPublishers_CostNoCallBeyondThePeriods()
    {
        var first = new Publisher();
        var second = new Publisher();
        await using var app = await StartAsync(services =>
        {
            services.AddSingleton<IHealthCheckPublisher>(first).AddSingleton<IHealthCheckPublisher>(second);
            services.Configure<HealthCheckPublisherOptions>(
                o => (o.Delay, o.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        });
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.GetAsync("/old")));
        await Eventually.BeAsync(() => first.Reports.Count >= 2 && second.Reports.Count >= 2, "both publish twice");

        (await app.GetAsync("/old")).ShouldBe((200, "Healthy"));
        first.Reports.First().Entries.Keys.ShouldBe(["db", "mail server"], ignoreOrder: true);
        _db.Runs.ShouldBe(1);
        _mail.Runs.ShouldBe(1);
    }

    [Fact]
    public async Task CheckHealthAsync_StatusAfterHysteresis_IsThatOfEveryReader()
    {
        await using var app = await StartAsync(_ => { }, period: TimeSpan.FromMilliseconds(50));
        await Eventually.BeAsync(async () => (await app.GetAsync("/old")).Status == 200, "healthy");
        _db.Answer = _ => throw new IOException("socket closed");
        await Eventually.BeAsync(async () => (await app.GetAsync("/old")).Status == 503, "unhealthy");
        (await app.GetAsync("/health")).Status.ShouldBe(503);

        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        report.Status.ShouldBe(HealthStatus.Unhealthy);
        var entry = report.Entries["db"];
        entry.Status.ShouldBe(HealthStatus.Unhealthy);
        entry.Exception.ShouldBeOfType<IOException>();
        entry.Description.ShouldBe("socket closed");
        report.Entries["mail server"].Status.ShouldBe(HealthStatus.Healthy);
        (await app.GetAsync("/old/mail")).ShouldBe((200, "Healthy"));
    }

    [Fact]
    public async Task CheckHealthAsync_Entry_HasWhatTheCheckReturned()
    {
        _db.Answer = _ => Task.FromResult(HealthCheckResult.Degraded("slow", data: new Dictionary<string, object> { ["ms"] = "many" }));
        await using var app = await StartAsync(_ => { });
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        var entry = report.Entries["db"];
        (entry.Status, entry.Description, entry.Data["ms"]).ShouldBe((HealthStatus.Degraded, "slow", "many"));
        entry.Tags.ShouldBe(["data"]);
        report.Status.ShouldBe(HealthStatus.Degraded);
    }

    [Fact]
    public async Task CheckHealthAsync_HostNotStarted_RunsTheChecks()
    {
        await using var app = HealthApp.Build(
            b => b.AddContributor("db", _ => _db), o => o.Defaults.Period = TimeSpan.FromMilliseconds(10));
        var service = app.Services.GetRequiredService<HealthCheckService>();
        (await service.CheckHealthAsync(Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
        _db.Status = HealthStatus.Unhealthy;
        await Eventually.BeAsync(
            async () => (await service.CheckHealthAsync(Cancellation)).Status == HealthStatus.Unhealthy,
            "what no loop evaluates is evaluated");
    }

    [Fact]
    public async Task CheckHealthAsync_OptionalContributorDown_OnlyDegrades()
    {
        _mail.Status = HealthStatus.Unhealthy;
        await using var app = await StartAsync(_ => { }, health: b => b.Configure("mail server", c => c.Critical = false));
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        report.Entries["mail server"].Status.ShouldBe(HealthStatus.Unhealthy);
        report.Status.ShouldBe(HealthStatus.Degraded);
        (await app.GetAsync("/old")).ShouldBe((200, "Degraded"));
    }

    [Fact]
    public async Task Registration_DelayPeriodAndTimeout_AreHonoured()
    {
        var slow = new SwitchCheck
        {
            Answer = async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return HealthCheckResult.Healthy();
            },
        };
        var often = new SwitchCheck();
        var late = new SwitchCheck();
        await using var app = await HealthApp.StartAsync(
            _ => { },
            host: b => b.Services.AddHealthChecks()
                .Add(new HealthCheckRegistration("slow", slow, null, null, TimeSpan.FromMilliseconds(50)))
                .Add(new HealthCheckRegistration("often", _ => often, null, null) { Period = TimeSpan.FromSeconds(1) })
                .Add(new HealthCheckRegistration("late", _ => late, null, null) { Delay = Rarely }));
        await Eventually.BeAsync(
            async () => (await app.GetAsync("/health/slow")).Body.Contains("timed_out", StringComparison.Ordinal), "the time-out");
        await Eventually.BeAsync(() => often.Runs >= 3, "a second period");
        late.Runs.ShouldBe(0);
        (await app.GetAsync("/health/late")).Body.ShouldContain("not_evaluated");
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);
    }

    private Task<HealthApp> StartAsync(
        Action<IServiceCollection> add, TimeSpan? period = null, Action<DataHealthBuilder>? health = null) => HealthApp.StartAsync(
        b => health?.Invoke(b),
        o => o.Defaults.Period = period ?? Rarely,
        b =>
        {
            b.Services.AddHealthChecks()
                .AddCheck("db", _db, tags: ["data"])
                .AddCheck("mail server", _mail, tags: ["mail"]);
            add(b.Services);
        },
        app =>
        {
            app.MapHealthChecks("/old");
            app.MapHealthChecks("/old/mail", new HealthCheckOptions { Predicate = r => r.Tags.Contains("mail") });
        });

    private sealed class Publisher : IHealthCheckPublisher
    {
        public ConcurrentQueue<HealthReport> Reports { get; } = new();

        public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
        {
            Reports.Enqueue(report);
            return Task.CompletedTask;
        }
    }
}
