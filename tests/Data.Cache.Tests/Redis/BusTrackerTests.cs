using Data.Cache.Redis;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Redis;

public sealed class BusTrackerTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly BusTracker _tracker;

    public BusTrackerTests() => _tracker = new BusTracker(self: 1, Grace, _time);

    [Theory]
    [InlineData("0 -2 -3", false)]
    [InlineData("0 -2", true)]
    [InlineData("0", true)]
    [InlineData("", true)]
    public void TakeLoss_MissingNumbersWhoseCommandsFailed_AreNoLoss(string heartbeat, bool lost)
    {
        Receive(1);
        Receive(4, heartbeat);
        _time.Advance(Grace * 2);
        _tracker.TakeLoss().ShouldBe(lost);
    }

    [Fact]
    public void TakeLoss_MissingNumberWhoseCommandStillRuns_IsALossWhenItNeverArrives()
    {
        Receive(1);
        Receive(3, "0 2");
        _time.Advance(Grace + (Grace / 2));
        _tracker.TakeLoss().ShouldBeFalse();
        Receive(4, "0 2");
        _time.Advance(Grace + (Grace / 2));
        _tracker.TakeLoss().ShouldBeFalse();
        _time.Advance(Grace * 3);
        _tracker.TakeLoss().ShouldBeTrue();
    }

    [Fact]
    public void TakeLoss_MissingNumberBeforeAnyHeartbeatTellsOfIt_WaitsForOne()
    {
        Receive(1);
        _tracker.Received(new BusMessage(BusMessageKind.Key, Sender: 2, 3, Stamp: 0, "k"));
        _time.Advance(Grace * 3);
        _tracker.TakeLoss().ShouldBeFalse();
        Receive(4, "0 -2");
        _time.Advance(Grace * 5);
        _tracker.TakeLoss().ShouldBeFalse();

        _tracker.Received(new BusMessage(BusMessageKind.Key, Sender: 2, 6, Stamp: 0, "k"));
        _time.Advance(Grace * 5);
        _tracker.TakeLoss().ShouldBeTrue();
    }

    [Fact]
    public void TakeLoss_LateNumberArrives_IsNoLoss()
    {
        Receive(1);
        Receive(3, "0 2");
        Receive(2);
        Receive(4, "0 2");
        _time.Advance(Grace * 5);
        _tracker.TakeLoss().ShouldBeFalse();
    }

    [Fact]
    public void TakeLoss_NumbersOfTwoSenders_AreCountedApart()
    {
        Receive(1);
        _tracker.Received(new BusMessage(BusMessageKind.Heartbeat, Sender: 3, 5, Stamp: 0, "0"));
        Receive(2);
        _tracker.Received(new BusMessage(BusMessageKind.Heartbeat, Sender: 3, 6, Stamp: 0, "0"));
        _time.Advance(Grace * 2);
        _tracker.TakeLoss().ShouldBeFalse();
    }

    [Fact]
    public void HeartbeatRead_OwnTail_ReturnsTheOpenNumbers()
    {
        var tail = Heartbeat.Tail(new Dictionary<long, bool> { [7] = false, [9] = true });
        var read = Heartbeat.Read("123" + tail);
        read.Everything.ShouldBe(123);
        read.Open.ShouldBe([7, -9]);
        Heartbeat.Read("").Open.ShouldBeEmpty();
        Heartbeat.Read("x y").Everything.ShouldBe(0);
    }

    private void Receive(long number, string heartbeat = "0") =>
        _tracker.Received(new BusMessage(BusMessageKind.Heartbeat, Sender: 2, number, Stamp: 0, heartbeat));
}
