using Data.Health.Evaluation;
using Data.Health.Starvation;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Evaluation;

/// <summary>What is told of a contributor's last result.</summary>
public sealed class ContributorReadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_ForeignTexts_AreShownOnlyIfSet()
    {
        var check = new SwitchCheck
        {
            Answer = _ => Task.FromResult(
                HealthCheckResult.Healthy("at db1", new Dictionary<string, object> { ["host"] = "db1", ["n"] = 7 })),
        };
        var hidden = TestContributor.Of(check);
        await hidden.EvaluateAsync(Cancellation);
        hidden.Read().Description.ShouldBeNull();
        hidden.Read().Data.Keys.ShouldBe(["n"]);

        var shown = TestContributor.Of(check, c => c.ShowDescription = true);
        await shown.EvaluateAsync(Cancellation);
        shown.Read().Description.ShouldBe("at db1");
        shown.Read().Data.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Read_DescriptionBesideAnExceptionOrStale_IsHidden()
    {
        var time = new FakeTimeProvider();
        var check = new SwitchCheck { Answer = _ => Task.FromResult(HealthCheckResult.Healthy("fine")) };
        var contributor = TestContributor.Of(
            check, c => (c.ShowDescription, c.MaxAge, c.ConfirmationDelay) = (true, TimeSpan.FromSeconds(15), TimeSpan.Zero), time);
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read(time).Description.ShouldBe("fine");
        time.Advance(TimeSpan.FromSeconds(15));
        contributor.Read(time).Description.ShouldBeNull();

        check.Answer = _ => Task.FromResult(HealthCheckResult.Unhealthy("leaks", new IOException("leaks")));
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read(time).Reason.ShouldBe(HealthReasons.Error);
        contributor.Read(time).Description.ShouldBeNull();
    }

    [Fact]
    public async Task EvaluateAsync_CheckGivesAReasonCode_IsReported()
    {
        var check = new SwitchCheck
        {
            Answer = _ => Task.FromResult(
                HealthCheckResult.Degraded("d", data: new Dictionary<string, object> { [HealthReasons.DataKey] = "lagging" })),
        };
        var contributor = TestContributor.Of(check, c => c.ShowDescription = true);
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Reason.ShouldBe("lagging");
        contributor.Read().Description.ShouldBe("d");
    }

    [Fact]
    public async Task Read_ResultOlderThanMaxAge_CountsAsFailed()
    {
        var time = new FakeTimeProvider();
        var contributor = TestContributor.Of(new SwitchCheck(), c => c.MaxAge = TimeSpan.FromSeconds(15), time);
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read(time).Status.ShouldBe(HealthStatus.Healthy);

        time.Advance(TimeSpan.FromSeconds(14));
        contributor.Read(time).Status.ShouldBe(HealthStatus.Healthy);
        contributor.Read(time).Age.ShouldBe(TimeSpan.FromSeconds(14));

        time.Advance(TimeSpan.FromSeconds(1));
        contributor.Read(time).Status.ShouldBe(HealthStatus.Unhealthy);
        contributor.Read(time).Reason.ShouldBe(HealthReasons.Stale);
    }

    [Fact]
    public async Task Read_NoMaxAge_IsThreePeriodsAndTheTimeOut()
    {
        var time = new FakeTimeProvider();
        var contributor = TestContributor.Of(
            new SwitchCheck(),
            c => (c.Period, c.Timeout) = (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5)),
            time);
        await contributor.EvaluateAsync(Cancellation);

        time.Advance(TimeSpan.FromSeconds(64));
        contributor.Read(time).Status.ShouldBe(HealthStatus.Healthy);
        time.Advance(TimeSpan.FromSeconds(1));
        contributor.Read(time).Reason.ShouldBe(HealthReasons.Stale);
    }
}
