using Data.Health.Evaluation;
using Data.Health.Starvation;
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
        for (var i = 0; i < 3; i++)
            await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Status.ShouldBe(HealthStatus.Healthy);
        check.Runs.ShouldBe(4);
    }

    [Fact]
    public async Task EvaluateAsync_ManyCallers_ShareOneRun()
    {
        var release = new TaskCompletionSource<HealthCheckResult>();
        var check = new SwitchCheck { Answer = _ => release.Task };
        var contributor = TestContributor.Of(check);

        // A caller has joined when its call has returned, whatever the load of the machine.
        var callers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(_ => Task.Run(() => new[] { contributor.EvaluateAsync(Cancellation) })));
        release.SetResult(HealthCheckResult.Healthy());
        await Task.WhenAll(callers.Select(c => c[0]));

        check.Runs.ShouldBe(1);
        await contributor.EvaluateAsync(Cancellation);
        check.Runs.ShouldBe(2);
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
        contributor.Read().Reason.ShouldBe(HealthReasons.Ok);
        contributor.History.ToArray().Length.ShouldBe(1);
    }

    [Fact]
    public async Task EvaluateAsync_ConfirmedFailure_IsAdoptedByOneEvaluation()
    {
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c => c.ConfirmationDelay = TimeSpan.FromMilliseconds(1));
        await contributor.EvaluateAsync(Cancellation);

        check.Answer = _ => throw new InvalidOperationException("secret text");
        await contributor.EvaluateAsync(Cancellation);

        check.Runs.ShouldBe(3);
        var read = contributor.Read();
        read.Status.ShouldBe(HealthStatus.Unhealthy);
        read.Reason.ShouldBe(HealthReasons.Error);
        read.Description.ShouldBeNull();

        await contributor.EvaluateAsync(Cancellation);
        check.Runs.ShouldBe(4, "what is known needs no confirmation");
    }

    [Theory]
    [InlineData("error")]
    [InlineData("timed_out")]
    [InlineData("late_error")]
    public async Task EvaluateAsync_FailureThreshold_CountsEvaluationsWhateverTheFailure(string kind)
    {
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c =>
        {
            (c.FailureThreshold, c.MaxHungRuns) = (5, 100);
            (c.Timeout, c.ConfirmationDelay) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(50));
        });
        await contributor.EvaluateAsync(Cancellation);

        check.Answer = async token =>
        {
            if (kind != "error")
                await Task.Delay(kind == "timed_out" ? 10_000 : 170, token);
            throw new IOException();
        };
        for (var i = 1; i < 5; i++)
        {
            await contributor.EvaluateAsync(Cancellation);
            contributor.Read().Status.ShouldBe(HealthStatus.Healthy, $"after {i} of 5");
        }

        await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Status.ShouldBe(HealthStatus.Unhealthy);
    }

    [Fact]
    public async Task EvaluateAsync_SuccessThreshold_CountsEvaluations()
    {
        var check = new SwitchCheck { Status = HealthStatus.Unhealthy };
        var contributor = TestContributor.Of(check, c => c.ConfirmationDelay = TimeSpan.Zero);
        await contributor.EvaluateAsync(Cancellation);
        check.Status = HealthStatus.Healthy;
        await contributor.EvaluateAsync(Cancellation);
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Status.ShouldBe(HealthStatus.Unhealthy);
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Status.ShouldBe(HealthStatus.Healthy);
        check.Runs.ShouldBe(4);
    }

    [Fact]
    public async Task RunAsync_DependencyFlapsEveryThreeSeconds_ChangesOnceAtMostEachWay()
    {
        var time = new FakeTimeProvider();
        var start = time.GetTimestamp();
        var check = new SwitchCheck();
        check.Answer = _ => Task.FromResult(time.GetElapsedTime(start).TotalSeconds % 6 < 3
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy());
        var contributor = TestContributor.Of(check, configure: null, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var loop = contributor.RunAsync(stop.Token);
        for (var steps = 0; steps < 40 * 4; steps++)
        {
            await Task.Delay(5, Cancellation);
            time.Advance(TimeSpan.FromMilliseconds(250));
        }

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => loop);
        var history = contributor.History.ToArray();
        history.Length.ShouldBeLessThanOrEqualTo(3, string.Join(", ", history.Select(c => c.To)));
    }

    [Fact]
    public async Task EvaluateAsync_TimeOutWhileThePoolIsLate_CountsForNothing()
    {
        var lagClock = new FakeTimeProvider();
        var queued = new Queue<Action>();
        var lag = new PoolLag(lagClock, queued.Enqueue);
        var log = new RecordedLog();
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(
            check, c => (c.Timeout, c.MaxHungRuns) = (TimeSpan.FromMilliseconds(100), 100), lag: lag, logger: log);
        await contributor.EvaluateAsync(Cancellation);
        var before = contributor.State;

        check.Answer = async token =>
        {
            lag.Sample();
            lagClock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(Timeout.Infinite, token);
            return HealthCheckResult.Healthy();
        };
        await contributor.EvaluateAsync(Cancellation);
        contributor.State.ShouldBeSameAs(before, "not even its age is renewed");
        log.Of(4000).ShouldHaveSingleItem();

        check.Answer = async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return HealthCheckResult.Healthy();
        };
        queued.Dequeue()();
        lagClock.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.BeAsync(
            async () =>
            {
                await contributor.EvaluateAsync(Cancellation);
                return contributor.Read().Status == HealthStatus.Unhealthy;
            },
            "in time again, a time-out counts");
    }

    [Fact]
    public async Task EvaluateAsync_RunOfALatePoolHasNotEndedYet_CountsForNothingUntilThePoolWasInTime()
    {
        var lagClock = new FakeTimeProvider();
        var queued = new Queue<Action>();
        var lag = new PoolLag(lagClock, queued.Enqueue);
        var check = new SwitchCheck();
        var contributor = TestContributor.Of(check, c => c.Timeout = TimeSpan.FromMilliseconds(100), lag: lag);
        await contributor.EvaluateAsync(Cancellation);
        var before = contributor.State;

        check.Answer = _ =>
        {
            lag.Sample();
            lagClock.Advance(TimeSpan.FromMilliseconds(100));
            return new TaskCompletionSource<HealthCheckResult>().Task;
        };
        await contributor.EvaluateAsync(Cancellation);
        await contributor.EvaluateAsync(Cancellation);
        contributor.State.ShouldBeSameAs(before, "the pool is late");

        queued.Dequeue()();
        await contributor.EvaluateAsync(Cancellation);
        contributor.State.ShouldBeSameAs(before, "the pool was late a moment ago");

        lagClock.Advance(TimeSpan.FromMilliseconds(101));
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Reason.ShouldBe(HealthReasons.Hung);
    }

    [Fact]
    public async Task RunAsync_FirstEvaluationCountsForNothing_RunsAgainLongBeforeThePeriod()
    {
        var lagClock = new FakeTimeProvider();
        var lag = new PoolLag(lagClock, _ => { });
        lag.Sample();
        lagClock.Advance(TimeSpan.FromSeconds(29));
        var check = new SwitchCheck();
        check.Answer = _ => check.Runs > 1
            ? Task.FromResult(HealthCheckResult.Healthy())
            : Task.FromException<HealthCheckResult>(new TimeoutException());
        var contributor = TestContributor.Of(check, c => c.Period = TimeSpan.FromMinutes(10), lag: lag);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var loop = contributor.RunAsync(stop.Token);
        await Eventually.BeAsync(() => contributor.State.EvaluatedAtUtc is not null, "the second run counts");
        check.Runs.ShouldBe(2);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => loop);
    }

    [Fact]
    public async Task EvaluateAsync_FirstStateFails_IsLoggedWithItsCauseAndWithoutSecrets()
    {
        var log = new RecordedLog();
        var check = new SwitchCheck
        {
            Answer = _ => throw new InvalidOperationException("no service", new IOException("Host=db;Password=hunter2")),
        };
        var contributor = TestContributor.Of(check, logger: log);
        await contributor.EvaluateAsync(Cancellation);
        await contributor.EvaluateAsync(Cancellation);

        var text = log.Of(4002).ShouldHaveSingleItem();
        text.ShouldContain("InvalidOperationException: no service ---> IOException: Host=db;Password=***");
        log.Entries.ShouldAllBe(e => !e.Text.Contains("hunter2"));
        contributor.Read().Data.ShouldBeEmpty();
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
        var contributor = TestContributor.Of(check, c =>
            (c.ConfirmationDelay, c.SuccessThreshold) = (TimeSpan.Zero, 1));
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
