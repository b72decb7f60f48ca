using Data.Resilience.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace Data.Resilience.Tests.Sessions;

public sealed class AttemptTimerPoolTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    [Fact]
    public void Rent_AfterDisposeOfSystemTimer_ReturnsTheSameTimer()
    {
        var pool = new AttemptTimerPool(TimeProvider.System);
        AttemptTimer first;
        using (first = pool.Rent(Limit, Grace, TestContext.Current.CancellationToken))
            first.Token.IsCancellationRequested.ShouldBeFalse();

        using var second = pool.Rent(Limit, Grace, TestContext.Current.CancellationToken);
        second.ShouldBeSameAs(first);
        second.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Rent_AfterCallersCancellation_ReturnsAnotherTimer()
    {
        var pool = new AttemptTimerPool(TimeProvider.System);
        using var caller = new CancellationTokenSource();
        AttemptTimer first;
        using (first = pool.Rent(Limit, Grace, caller.Token))
        {
            await caller.CancelAsync();
            first.Token.IsCancellationRequested.ShouldBeTrue();
        }

        using var second = pool.Rent(Limit, Grace, TestContext.Current.CancellationToken);
        second.ShouldNotBeSameAs(first);
        second.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public void Token_LimitOfProvidersTimePassed_IsCancelled()
    {
        var time = new FakeTimeProvider();
        using var timer = new AttemptTimerPool(time).Rent(Limit, Grace, TestContext.Current.CancellationToken);
        time.Advance(Limit - TimeSpan.FromTicks(1));
        timer.Token.IsCancellationRequested.ShouldBeFalse();
        timer.TryRestart(Limit).ShouldBeTrue();
        time.Advance(Limit - TimeSpan.FromTicks(1));
        timer.Token.IsCancellationRequested.ShouldBeFalse();
        time.Advance(TimeSpan.FromTicks(1));
        timer.Token.IsCancellationRequested.ShouldBeTrue();
        timer.TryRestart(Limit).ShouldBeFalse();
    }
}
