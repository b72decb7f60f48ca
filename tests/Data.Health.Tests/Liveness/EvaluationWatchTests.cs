using System.Collections.Concurrent;
using Data.Health.Evaluation;
using Data.Health.History;
using Data.Health.Liveness;
using Data.Health.Starvation;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Liveness;

public sealed class EvaluationWatchTests
{
    private readonly ConcurrentQueue<HealthChange> _changes = new();
    private readonly RecordedLog _log = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Look_ResultBecomesStale_IsAChangeLikeAnyOtherAndSoIsTheNextResult()
    {
        var check = new SwitchCheck();
        await using var app = await StartAsync(b => b
            .AddContributor("db", _ => check)
            .AddContributor("asked", _ => new SwitchCheck(), c => c.Mode = EvaluationMode.OnDemand));
        await Eventually.BeAsync(() => _changes.Count == 1, "the first result");
        var hang = new TaskCompletionSource<HealthCheckResult>();
        check.Answer = _ => hang.Task;

        // The clock moves without firing timers, as it does for a process whose loops stand still.
        _time.AdjustTime(_time.GetUtcNow() + TimeSpan.FromSeconds(36));
        await Eventually.BeAsync(() => _changes.Count == 2, "the change to stale");

        var stale = _changes.Last();
        (stale.Contributor, stale.From, stale.To, stale.Reason)
            .ShouldBe(("db", HealthStatus.Healthy, HealthStatus.Unhealthy, HealthReasons.Stale));
        var monitor = app.Services.GetRequiredService<IHealthMonitor>();
        monitor.History("db").Count.ShouldBe(2);
        monitor.History("asked").ShouldBeEmpty("nobody has asked, which is no fault");
        _log.Of(4002).ShouldHaveSingleItem().ShouldContain("db");
        (await app.GetAsync("/health/db")).Status.ShouldBe(503);

        check.Status = HealthStatus.Healthy;
        hang.SetResult(HealthCheckResult.Healthy());
        await monitor.EvaluateAsync("db", TestContext.Current.CancellationToken);
        await Eventually.BeAsync(() => _changes.Count == 3, "the change back");
        (_changes.Last().From, _changes.Last().To).ShouldBe((HealthStatus.Unhealthy, HealthStatus.Healthy));
        (await app.GetAsync("/health/db")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Look_PoolIsLate_IsOneChangeAndOneBack()
    {
        var queue = new ConcurrentQueue<Action>();
        var clock = new FakeTimeProvider();
        var lag = new PoolLag(clock, queue.Enqueue);
        await using var app = await StartAsync(_ => { }, lag);
        await Eventually.BeAsync(() => !queue.IsEmpty, "the watch samples");

        clock.Advance(TimeSpan.FromSeconds(29));
        await Eventually.BeAsync(() => _changes.Count == 1, "late");
        queue.TryDequeue(out var item).ShouldBeTrue();
        item!();
        clock.Advance(TimeSpan.FromSeconds(9));
        var watch = app.Services.GetServices<IHostedService>().OfType<EvaluationWatch>().Single();
        watch.Look();
        _changes.Count.ShouldBe(1, "the window is not over");
        foreach (var _ in Enumerable.Range(0, 3))
        {
            if (queue.TryDequeue(out var next))
                next();
            clock.Advance(TimeSpan.FromSeconds(2));
        }

        await Eventually.BeAsync(
            () =>
            {
                if (queue.TryDequeue(out var next))
                    next();
                return _changes.Count == 2;
            },
            "in time again");
        _changes.Select(c => (c.Contributor, c.To, c.Reason, c.Critical)).ShouldBe(
        [
            (HealthReasons.Evaluation, HealthStatus.Degraded, HealthReasons.Late, false),
            (HealthReasons.Evaluation, HealthStatus.Healthy, HealthReasons.Ok, false),
        ]);
        _log.Of(4011).ShouldHaveSingleItem().ShouldContain("29");
        _log.Of(4012).Count().ShouldBe(1);
    }

    private Task<HealthApp> StartAsync(Action<DataHealthBuilder> add, PoolLag? lag = null) => HealthApp.StartAsync(
        b =>
        {
            add(b);
            b.OnChange((_, change, _) =>
            {
                _changes.Enqueue(change);
                return Task.CompletedTask;
            });
        },
        host: b =>
        {
            b.Services.AddSingleton<TimeProvider>(_time);
            if (lag is not null)
                b.Services.AddSingleton(lag);
            b.Logging.AddProvider(_log);
        });
}
