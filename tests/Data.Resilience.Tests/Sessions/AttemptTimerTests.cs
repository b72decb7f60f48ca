using Data.Resilience.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace Data.Resilience.Tests.Sessions;

public sealed class AttemptTimerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task EndOf_TaskEnds_IsTrueAndTheTimerServesAgain()
    {
        var pool = new AttemptTimerPool(_time);
        AttemptTimer first;
        using (first = pool.Rent(Limit, Grace, CancellationToken.None))
        {
            for (var step = 0; step < 3; step++)
            {
                var task = new TaskCompletionSource();
                var end = first.EndOf(task.Task);
                end.IsCompleted.ShouldBeFalse();
                task.SetException(new InvalidTimeZoneException());
                (await end).ShouldBeTrue();
            }

            (await first.EndOf(Task.CompletedTask)).ShouldBeTrue();
        }

        using var second = pool.Rent(Limit, Grace, CancellationToken.None);
        second.ShouldBeSameAs(first);
    }

    [Fact]
    public async Task EndOf_TaskOutlastsTheGrace_IsFalse()
    {
        var pool = new AttemptTimerPool(_time);
        AttemptTimer timer;
        var task = new TaskCompletionSource();
        using (timer = pool.Rent(Limit, Grace, CancellationToken.None))
        {
            var end = timer.EndOf(task.Task);
            _time.Advance(Limit);
            timer.Token.IsCancellationRequested.ShouldBeTrue();
            _time.Advance(Grace - TimeSpan.FromTicks(1));
            end.IsCompleted.ShouldBeFalse();
            _time.Advance(TimeSpan.FromTicks(1));
            (await end).ShouldBeFalse();

            // A step that begins after the grace is not waited for at all.
            (await timer.EndOf(task.Task)).ShouldBeFalse();
        }

        pool.Rent(Limit, Grace, CancellationToken.None).ShouldNotBeSameAs(timer);
        task.SetResult();
    }

    [Fact]
    public async Task EndOf_TaskEndsWithinTheGrace_IsTrue()
    {
        using var timer = new AttemptTimerPool(_time).Rent(Limit, Grace, CancellationToken.None);
        var task = new TaskCompletionSource();
        var end = timer.EndOf(task.Task);
        _time.Advance(Limit);
        task.SetResult();
        (await end).ShouldBeTrue();
    }

    [Fact]
    public async Task EndOf_CallerCancels_HasTheGraceLeft()
    {
        using var caller = new CancellationTokenSource();
        using var timer = new AttemptTimerPool(_time).Rent(Limit, Grace, caller.Token);
        var end = timer.EndOf(new TaskCompletionSource().Task);
        await caller.CancelAsync();
        timer.Token.IsCancellationRequested.ShouldBeTrue();
        end.IsCompleted.ShouldBeFalse();
        _time.Advance(Grace);
        (await end).ShouldBeFalse();
    }

    [Fact]
    public async Task Token_CallbackBlocks_NeitherTheCallerNorTheGraceWaitsForIt()
    {
        using var caller = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        using var timer = new AttemptTimerPool(_time).Rent(Limit, Grace, caller.Token);
        timer.MayBlock = true;
        await using var callback = timer.Token.Register(() =>
        {
            blocked.Set();
            release.Wait(CancellationToken.None);
        });
        var end = timer.EndOf(new TaskCompletionSource().Task);
        await caller.CancelAsync();
        blocked.Wait(TestContext.Current.CancellationToken);
        _time.Advance(Grace);
        (await end).ShouldBeFalse();
        release.Set();
    }

    [Fact]
    public void TryRestart_CallerCancelsAfterwards_DoesNotCancelTheToken()
    {
        using var caller = new CancellationTokenSource();
        using var timer = new AttemptTimerPool(_time).Rent(Limit, Grace, caller.Token);
        timer.TryRestart(Limit).ShouldBeTrue();
        caller.Cancel();
        timer.Token.IsCancellationRequested.ShouldBeFalse();
        timer.Cancel();
        timer.Token.IsCancellationRequested.ShouldBeTrue();
        timer.TryRestart(Limit).ShouldBeFalse();
    }

    [Fact]
    public void Rent_TimerOfAnEarlierAttempt_IsNotCancelledByTheEarlierLimit()
    {
        var pool = new AttemptTimerPool(_time);
        pool.Rent(Limit, Grace, CancellationToken.None).Dispose();
        _time.Advance(Limit - Grace);
        using var timer = pool.Rent(2 * Limit, Grace, CancellationToken.None);
        _time.Advance(Limit);
        timer.Token.IsCancellationRequested.ShouldBeFalse();
        _time.Advance(Limit);
        timer.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void Token_TickOfAnEarlierAttempt_IsNotCancelledByIt()
    {
        var time = new HandClock();
        var pool = new AttemptTimerPool(time);
        pool.Rent(Limit, Grace, CancellationToken.None).Dispose();
        using var timer = pool.Rent(Limit, Grace, CancellationToken.None);
        time.Tick();
        timer.Token.IsCancellationRequested.ShouldBeFalse();
        time.Due.ShouldBe(Limit + TimeSpan.FromMilliseconds(1));

        time.Now = Limit;
        time.Tick();
        timer.Token.IsCancellationRequested.ShouldBeTrue();
        time.Due.ShouldBe(Grace);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(4, 1)]
    [InlineData(2, 0.5)]
    public void GraceFor_AttemptTimeout_IsAQuarterAndAtMostASecond(double attempt, double grace) =>
        AttemptTimer.GraceFor(TimeSpan.FromSeconds(attempt)).ShouldBe(TimeSpan.FromSeconds(grace));

    /// <summary>A clock whose timers tick when told to, also too early.</summary>
    private sealed class HandClock : TimeProvider, ITimer
    {
        private Action _tick = null!;

        public TimeSpan Now { get; set; }

        public TimeSpan Due { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            return this;
        }

        public void Tick() => _tick();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
