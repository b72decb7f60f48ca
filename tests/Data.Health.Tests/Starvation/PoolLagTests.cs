using Data.Health.Starvation;
using Data.TestServers;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Starvation;

public sealed class PoolLagTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Queue<Action> _queue = new();
    private readonly PoolLag _lag;

    public PoolLagTests() => _lag = new PoolLag(_time, _queue.Enqueue);

    [Fact]
    public void Current_ItemWaits_IsItsAgeAndThenItsDelay()
    {
        _lag.Current.ShouldBe(TimeSpan.Zero);
        _lag.Sample();
        Advance(29);
        _lag.Current.ShouldBe(TimeSpan.FromSeconds(29));
        _lag.Sample();
        _queue.Count.ShouldBe(1, "one item at a time");

        _queue.Dequeue()();
        Advance(5);
        _lag.Current.ShouldBe(TimeSpan.FromSeconds(29));
        RunOne(TimeSpan.Zero);
        _lag.Current.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void WorstSince_DelayBeforeTheMark_IsNotCounted()
    {
        RunOne(TimeSpan.FromSeconds(3));
        Advance(1);
        var mark = _lag.Mark();
        _lag.WorstSince(mark).ShouldBe(TimeSpan.Zero);
        RunOne(TimeSpan.FromSeconds(2));
        RunOne(TimeSpan.FromSeconds(1));
        _lag.WorstSince(mark).ShouldBe(TimeSpan.FromSeconds(2));
        _lag.WorstWithin(TimeSpan.FromSeconds(5)).ShouldBe(TimeSpan.FromSeconds(3));
        _lag.WorstWithin(TimeSpan.FromSeconds(3.5)).ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void WorstSince_ManySamples_KeepsTheLastMinute()
    {
        RunOne(TimeSpan.FromSeconds(9));
        var mark = _lag.Mark();
        for (var i = 0; i < 2000; i++)
        {
            RunOne(TimeSpan.FromMilliseconds(i % 100 == 0 ? 70 : 10));
            Advance(0.24);
        }

        _lag.WorstSince(mark).ShouldBe(TimeSpan.FromMilliseconds(70));
        _lag.WorstWithin(TimeSpan.FromSeconds(60)).ShouldBe(TimeSpan.FromMilliseconds(70));
    }

    [Fact]
    public async Task OfProcess_Sample_RunsOnThePool()
    {
        var lag = PoolLag.OfProcess(TimeProvider.System);
        var mark = lag.Mark();
        lag.Sample();
        await Eventually.BeAsync(() => lag.Current > TimeSpan.Zero && lag.Current == lag.WorstSince(mark), "it ran");
    }

    private void RunOne(TimeSpan delay)
    {
        _lag.Sample();
        _time.Advance(delay);
        _queue.Dequeue()();
    }

    private void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
