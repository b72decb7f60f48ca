using Data.Health.Contributors.Application;
using Data.Health.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Contributors;

public sealed class ApplicationCheckTests
{
    private static readonly HealthCheckContext Context = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CircuitHealth.Closed, HealthStatus.Healthy)]
    [InlineData(CircuitHealth.HalfOpen, HealthStatus.Degraded)]
    [InlineData(CircuitHealth.Open, HealthStatus.Unhealthy)]
    public async Task CircuitBreaker_State_IsItsHealth(CircuitHealth state, HealthStatus expected) =>
        (await new CircuitBreakerCheck(() => state).CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(expected);

    [Theory]
    [InlineData(0, HealthStatus.Healthy)]
    [InlineData(1, HealthStatus.Unhealthy)]
    public async Task PendingMigrations_Count_DecidesOnHealth(int pending, HealthStatus expected) =>
        (await new PendingMigrationsCheck(_ => ValueTask.FromResult(pending)).CheckHealthAsync(Context, Cancellation)).Status
            .ShouldBe(expected);

    [Fact]
    public async Task Scheduler_SilentTooLong_IsUnhealthy()
    {
        var lastRun = _time.GetUtcNow();
        var check = new SchedulerCheck(new SchedulerHealthOptions(), _ => ValueTask.FromResult(new SchedulerHealth(lastRun, 0)), _time);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
        _time.Advance(TimeSpan.FromMinutes(61));
        (await check.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("scheduler_silent");
    }

    [Fact]
    public async Task Scheduler_NeverRan_CountsFromTheStart()
    {
        var check = new SchedulerCheck(new SchedulerHealthOptions(), _ => ValueTask.FromResult(new SchedulerHealth(null, 0)), _time);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
        _time.Advance(TimeSpan.FromMinutes(61));
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Unhealthy);
    }

    [Fact]
    public async Task Scheduler_NewMisfires_DegradeOnce()
    {
        var misfires = 5L;
        var check = new SchedulerCheck(
            new SchedulerHealthOptions(),
            _ => ValueTask.FromResult(new SchedulerHealth(_time.GetUtcNow(), misfires)),
            _time);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
        misfires++;
        (await check.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("misfires");
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Growth_CountAndRate_AreJudged()
    {
        var count = 10L;
        var options = new GrowthHealthOptions { DegradedCount = 1000, UnhealthyCount = 2000, DegradedPerMinute = 100 };
        var check = new GrowthCheck(options, _ => ValueTask.FromResult(count), _time);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);

        _time.Advance(TimeSpan.FromMinutes(1));
        count = 200;
        (await check.CheckHealthAsync(Context, Cancellation)).ShouldSatisfyAllConditions(
            r => r.Data["reason"].ShouldBe("growing"),
            r => r.Data["per_minute"].ShouldBe(190.0));

        _time.Advance(TimeSpan.FromHours(1));
        count = 1000;
        (await check.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("many");
        count = 2000;
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Unhealthy);
    }

    [Theory]
    [InlineData(89, HealthStatus.Healthy)]
    [InlineData(90, HealthStatus.Degraded)]
    [InlineData(180, HealthStatus.Unhealthy)]
    public async Task SecretAge_OldestSecret_DecidesOnHealth(int days, HealthStatus expected)
    {
        var created = _time.GetUtcNow();
        var check = new SecretAgeCheck(
            new SecretAgeHealthOptions { UnhealthyAfter = TimeSpan.FromDays(180) },
            _ => ValueTask.FromResult<IReadOnlyList<SecretHealth>>([new("old", created), new("new", created.AddDays(days))]),
            _time);
        _time.Advance(TimeSpan.FromDays(days));
        var result = await check.CheckHealthAsync(Context, Cancellation);
        result.Status.ShouldBe(expected);
        result.Data["oldest_days"].ShouldBe((double)days);
    }

    [Fact]
    public async Task VectorStore_ProofFailsOnce_IsTriedAgainAndThenTheCheapCheckRuns()
    {
        var (proofs, checks) = (0, 0);
        var check = new VectorStoreCheck(
            _ => ++proofs == 1 ? throw new IOException() : Task.CompletedTask,
            _ =>
            {
                checks++;
                return Task.CompletedTask;
            });
        await Should.ThrowAsync<IOException>(() => check.CheckHealthAsync(Context, Cancellation));
        await check.CheckHealthAsync(Context, Cancellation);
        await check.CheckHealthAsync(Context, Cancellation);
        (proofs, checks).ShouldBe((2, 1));
    }
}
