using Data.Resilience.Admission;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;

namespace Data.Resilience.Tests.Admission;

public sealed class AttemptGateTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreakerOptions _options = new() { MinimumThroughput = 4, QueueLimit = 100 };
    private readonly RetryBudget _budget = new(100, 0.1);
    private readonly AttemptGate _gate;

    public AttemptGateTests() =>
        _gate = new AttemptGate(new DatabaseCircuit("test", _options, _time, NullLogger.Instance), _budget, _options, poolSize: 10, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task WaitAsync_CircuitOpen_FirstWaiterIsTheProbeAndItsSuccessReleasesTheOthers()
    {
        await OpenAsync();
        var waiters = Wait(3);
        waiters.ShouldAllBe(waiter => !waiter.IsCompleted);
        _gate.WaitingCount.ShouldBe(3);

        _time.Advance(_options.BreakDuration);
        (await waiters[0]).ShouldBe(CircuitPermit.Probe);
        _gate.WaitingCount.ShouldBe(2);

        await SucceedAsync(CircuitPermit.Probe);
        (await waiters[1]).ShouldBe(CircuitPermit.Released);
        (await waiters[2]).ShouldBe(CircuitPermit.Released);
        _gate.Circuit.State.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public async Task WaitAsync_ProbeFails_OthersGoOnWaitingForTheNext()
    {
        await OpenAsync();
        var waiters = Wait(2);
        _time.Advance(_options.BreakDuration);
        await FailAsync(await waiters[0]);
        _time.Advance(_options.BreakDuration);
        _gate.WaitingCount.ShouldBe(1);

        _time.Advance(_options.BreakDuration);
        (await waiters[1]).ShouldBe(CircuitPermit.Probe);
    }

    [Fact]
    public async Task WaitAsync_ProbeAbandoned_NextWaiterIsTheProbe()
    {
        await OpenAsync();
        var waiters = Wait(2);
        _time.Advance(_options.BreakDuration);
        _gate.Abandon(await waiters[0]);

        (await waiters[1]).ShouldBe(CircuitPermit.Probe);
    }

    [Fact]
    public async Task WaitAsync_DatabaseIsBack_ReleasesInDoublingStepsInOrder()
    {
        await OpenAsync();
        var waiters = Wait(30);
        _time.Advance(_options.BreakDuration);
        await SucceedAsync(await waiters[0]);
        var done = 1;
        var released = new List<int>();
        while (done < waiters.Length)
        {
            var now = waiters.Length - _gate.WaitingCount;
            released.Add(now - done);
            for (; done < now; done++)
                await SucceedAsync(await waiters[done]);
        }

        released.ShouldBe([2, 4, 8, 10, 5]);
        _gate.TryEnter(isPatientRetry: true, out _).ShouldBe(CircuitPermit.Normal);
    }

    [Fact]
    public async Task WaitAsync_DatabaseDiesAgainDuringTheRelease_KeepsTheOthersWaiting()
    {
        await OpenAsync();
        var waiters = Wait(30);
        _time.Advance(_options.BreakDuration);
        await SucceedAsync(await waiters[0]);
        await FailAsync(await waiters[1]);
        await FailAsync(await waiters[2]);
        _gate.WaitingCount.ShouldBe(27);

        _time.Advance(2 * _options.BreakDuration);
        _gate.WaitingCount.ShouldBe(26);
        (await waiters[3]).ShouldBe(CircuitPermit.Released);
    }

    [Fact]
    public async Task WaitAsync_LimitReached_IsRejectedAndLeavesTheQueue()
    {
        await OpenAsync();
        var waiter = _gate.WaitAsync(TimeSpan.FromMilliseconds(50), Token).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(50));

        (await waiter).ShouldBe(CircuitPermit.Rejected);
        _gate.WaitingCount.ShouldBe(0);
        (await _gate.WaitAsync(TimeSpan.Zero, Token)).ShouldBe(CircuitPermit.Rejected);
    }

    [Fact]
    public async Task WaitAsync_Cancelled_IsRejectedAndTheNextInLineIsTheProbe()
    {
        await OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var gone = _gate.WaitAsync(Limit, cancellation.Token).AsTask();
        var next = Wait(1)[0];
        await cancellation.CancelAsync();
        (await gone).ShouldBe(CircuitPermit.Rejected);

        _time.Advance(_options.BreakDuration);
        (await next).ShouldBe(CircuitPermit.Probe);
    }

    [Fact]
    public async Task WaitAsync_QueueFull_IsRejectedAtOnce()
    {
        await OpenAsync();
        var waiters = Wait(_options.QueueLimit);
        (await _gate.WaitAsync(Limit, Token)).ShouldBe(CircuitPermit.Rejected);

        _time.Advance(_options.BreakDuration);
        (await waiters[0]).ShouldBe(CircuitPermit.Probe);
        Wait(1)[0].IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task IsolateAsync_CallsWait_RejectsThemAndLaterOnes()
    {
        await OpenAsync();
        var waiters = Wait(2);
        await _gate.Circuit.IsolateAsync(Token);
        (await Task.WhenAll(waiters)).ShouldAllBe(permit => permit == CircuitPermit.Rejected);
        (await _gate.WaitAsync(Limit, Token)).ShouldBe(CircuitPermit.Rejected);
    }

    [Fact]
    public async Task CloseAsync_CallsWait_ReleasesThemBeginningWithOne()
    {
        await OpenAsync();
        var waiters = Wait(3);
        await _gate.Circuit.CloseAsync(Token);
        (await waiters[0]).ShouldBe(CircuitPermit.Released);
        _gate.WaitingCount.ShouldBe(2);
        await SucceedAsync(CircuitPermit.Released);
        await Task.WhenAll(waiters);
    }

    [Fact]
    public async Task TryEnter_DatabaseInDoubt_StopsRetriesButNotFirstAttempts()
    {
        await FailAsync(CircuitPermit.Normal);
        _gate.TryEnter(isPatientRetry: true, out _).ShouldBe(CircuitPermit.Rejected);
        _gate.TryEnter(isPatientRetry: false, out _).ShouldBe(CircuitPermit.Normal);

        await SucceedAsync(CircuitPermit.Normal);
        _gate.TryEnter(isPatientRetry: true, out _).ShouldBe(CircuitPermit.Normal);
    }

    [Fact]
    public async Task WaitAsync_DatabaseInDoubt_LetsOneRetryTryAtATime()
    {
        await FailAsync(CircuitPermit.Normal);
        var waiters = Wait(3);
        (await waiters[0]).ShouldBe(CircuitPermit.Released);
        _gate.WaitingCount.ShouldBe(2);
        await FailAsync(CircuitPermit.Released);
        _gate.WaitingCount.ShouldBe(2);
        _time.Advance(_options.BreakDuration);

        await SucceedAsync(await waiters[1]);
        (await waiters[2]).ShouldBe(CircuitPermit.Released);
    }

    [Fact]
    public async Task WaitAsync_BudgetSpent_LetsOneRetryTryAtATime()
    {
        _budget.OnFailure(50);
        _gate.TryEnter(isPatientRetry: true, out _).ShouldBe(CircuitPermit.Rejected);
        _gate.TryEnter(isPatientRetry: false, out _).ShouldBe(CircuitPermit.Normal);
        var waiters = Wait(2);
        (await waiters[0]).ShouldBe(CircuitPermit.Released);
        _gate.WaitingCount.ShouldBe(1);

        _gate.Abandon(CircuitPermit.Released);
        (await waiters[1]).ShouldBe(CircuitPermit.Released);
        waiters = Wait(2);
        _gate.WaitingCount.ShouldBe(2);
        await SucceedAsync(CircuitPermit.Released);
        await Task.WhenAll(waiters);
    }

    [Fact]
    public async Task Dispose_CallsWait_RejectsThem()
    {
        await OpenAsync();
        var waiter = Wait(1)[0];
        _gate.Dispose();
        (await waiter).ShouldBe(CircuitPermit.Rejected);
        (await _gate.WaitAsync(Limit, Token)).ShouldBe(CircuitPermit.Rejected);
    }

    private async Task OpenAsync()
    {
        for (var session = 0; session < 4; session++)
            await FailAsync(_gate.TryEnter(isPatientRetry: false, out _));
        _gate.Circuit.State.ShouldBe(CircuitState.Open);
    }

    private Task<CircuitPermit>[] Wait(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _gate.WaitAsync(Limit, Token).AsTask())];

    private async Task SucceedAsync(CircuitPermit permit) => await _gate.ReportAsync(permit, faults: 0, TimeSpan.Zero);

    private async Task FailAsync(CircuitPermit permit) => await _gate.ReportAsync(permit, faults: 1, TimeSpan.Zero);
}
