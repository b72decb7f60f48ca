using Data.Health.Evaluation;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Evaluation;

public sealed class TrackedContributorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EvaluateAsync_CheckIgnoresItsToken_AnswersAtTheTimeOut()
    {
        var never = new TaskCompletionSource<HealthCheckResult>();
        var contributor = TestContributor.Of(new SwitchCheck { Answer = _ => never.Task }, c => c.Timeout = TimeSpan.FromMilliseconds(50));

        await contributor.EvaluateAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        contributor.Read().Status.ShouldBe(HealthStatus.Unhealthy);
        contributor.Read().Reason.ShouldBe(HealthReasons.TimedOut);
    }

    [Fact]
    public async Task EvaluateAsync_CheckBlocksItsThread_AnswersAtTheTimeOut()
    {
        using var gate = new ManualResetEventSlim();
        var contributor = TestContributor.Of(
            new SwitchCheck
            {
                Answer = _ =>
                {
                    gate.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
                    return Task.FromResult(HealthCheckResult.Healthy());
                },
            },
            c => c.Timeout = TimeSpan.FromMilliseconds(50));

        await contributor.EvaluateAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        contributor.Read().Reason.ShouldBe(HealthReasons.TimedOut);
        gate.Set();
    }

    [Fact]
    public async Task EvaluateAsync_CheckBlocksWhenItIsCancelled_KeepsThePoolsThreadsFree()
    {
        var cancelledOnThePool = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var contributor = TestContributor.Of(
            new SwitchCheck
            {
                Answer = async token =>
                {
                    // Npgsql waits here for the end of its request to cancel.
                    await using var registration = token.Register(
                        () => cancelledOnThePool.SetResult(Thread.CurrentThread.IsThreadPoolThread));
                    await Task.Delay(Timeout.Infinite, token);
                    return HealthCheckResult.Healthy();
                },
            },
            c => c.Timeout = TimeSpan.FromMilliseconds(50));

        await contributor.EvaluateAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        contributor.Read().Reason.ShouldBe(HealthReasons.TimedOut);
        (await cancelledOnThePool.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public async Task EvaluateAsync_EarlierRunHangs_IsNotStartedTwiceAndRecoversWhenItEnds()
    {
        var hang = new TaskCompletionSource<HealthCheckResult>();
        var check = new SwitchCheck { Answer = _ => hang.Task };
        var contributor = TestContributor.Of(check, c => (c.Timeout, c.ConfirmationDelay) = (TimeSpan.FromMilliseconds(50), TimeSpan.Zero));

        for (var i = 0; i < 5; i++)
            await contributor.EvaluateAsync(Cancellation);
        check.Runs.ShouldBe(1);
        contributor.Read().Reason.ShouldBe(HealthReasons.Hung);

        check.Status = HealthStatus.Healthy;
        hang.SetResult(HealthCheckResult.Healthy());
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task EvaluateAsync_ManyCallers_ShareOneRun()
    {
        var release = new TaskCompletionSource<HealthCheckResult>();
        var check = new SwitchCheck { Answer = _ => release.Task };
        var contributor = TestContributor.Of(check);

        var callers = Enumerable.Range(0, 200).Select(_ => Task.Run(() => contributor.EvaluateAsync(Cancellation))).ToArray();
        await Eventually.BeAsync(() => check.Runs > 0, "the check runs");
        release.SetResult(HealthCheckResult.Healthy());
        await Task.WhenAll(callers);

        check.Runs.ShouldBe(1);
    }

    [Fact]
    public async Task EvaluateAsync_OneLostAnswer_DoesNotFlap()
    {
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c => c.ConfirmationDelay = TimeSpan.FromMilliseconds(1));
        await contributor.EvaluateAsync(Cancellation);

        var failures = 1;
        check.Answer = _ => Task.FromResult(failures-- > 0 ? HealthCheckResult.Unhealthy() : HealthCheckResult.Healthy());
        await contributor.EvaluateAsync(Cancellation);

        check.Runs.ShouldBe(3);
        contributor.Read().Status.ShouldBe(HealthStatus.Healthy);
        contributor.History.ToArray().Length.ShouldBe(1);
    }

    [Fact]
    public async Task EvaluateAsync_RealFailure_IsCertainWithinOneEvaluation()
    {
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c => (c.FailureThreshold, c.ConfirmationDelay) = (3, TimeSpan.FromMilliseconds(1)));
        await contributor.EvaluateAsync(Cancellation);

        check.Answer = _ => throw new InvalidOperationException("secret text");
        await contributor.EvaluateAsync(Cancellation);

        check.Runs.ShouldBe(4);
        var read = contributor.Read();
        read.Status.ShouldBe(HealthStatus.Unhealthy);
        read.Reason.ShouldBe(HealthReasons.Error);
        read.Description.ShouldBeNull();
    }

    [Fact]
    public async Task EvaluateAsync_ThresholdsBeyondTheBudget_StillSettleWithinTheTimeOut()
    {
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c =>
            (c.FailureThreshold, c.Timeout, c.ConfirmationDelay) = (100, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(20)));
        await contributor.EvaluateAsync(Cancellation);

        check.Status = HealthStatus.Unhealthy;
        await contributor.EvaluateAsync(Cancellation);

        contributor.Read().Status.ShouldBe(HealthStatus.Unhealthy);
        check.Runs.ShouldBeLessThan(100);
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

    [Fact]
    public async Task RunAsync_TimePasses_RunsOncePerPeriod()
    {
        var time = new FakeTimeProvider();
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c => c.Period = TimeSpan.FromSeconds(10), time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var loop = contributor.RunAsync(stop.Token);
        for (var periods = 1; periods <= 5; periods++)
        {
            await Eventually.BeAsync(() => check.Runs >= periods && contributor.State.EvaluatedAtUtc is not null, "the period's run");
            await Task.Delay(20, Cancellation);
            check.Runs.ShouldBe(periods);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => loop);
    }

    [Fact]
    public async Task History_MoreChangesThanItsCapacity_KeepsTheLast100()
    {
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c => (c.FailureThreshold, c.SuccessThreshold) = (1, 1));
        for (var i = 0; i < 250; i++)
        {
            check.Status = i % 2 == 0 ? HealthStatus.Unhealthy : HealthStatus.Healthy;
            await contributor.EvaluateAsync(Cancellation);
        }

        var history = contributor.History.ToArray();
        history.Length.ShouldBe(100);
        history[^1].To.ShouldBe(HealthStatus.Healthy);
        history[^1].From.ShouldBe(HealthStatus.Unhealthy);
        history[^2].Reason.ShouldBe(HealthReasons.Failed);
    }
}
