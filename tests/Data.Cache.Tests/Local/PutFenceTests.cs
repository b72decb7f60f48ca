using Data.Cache.Internal;
using Data.Cache.Local;

namespace Data.Cache.Tests.Local;

public sealed class PutFenceTests
{
    private readonly LocalStore _store = new(100_000, new StripedCounter(), new MonotonicClock(TimeProvider.System));
    private readonly PutFence _fence;

    public PutFenceTests() => _fence = new PutFence(_store);

    [Theory]
    [InlineData(9, 1, false, 10, false, false)]
    [InlineData(10, 1, false, 10, false, true)]
    [InlineData(11, 1, false, 10, true, true)]
    [InlineData(11, 1, true, 10, true, false)]
    [InlineData(11, 1, true, 10, false, true)]
    public void TryPut_InvalidatedMeanwhile_TakesOnlyWhatIsNewer(
        long stamp,
        long epoch,
        bool estimated,
        long removed,
        bool byServer,
        bool expected)
    {
        var ticket = _fence.Enter("k");
        _fence.Invalidate("k", removed, byServer);
        _fence.TryPut(ticket, Entry(stamp, epoch, estimated)).ShouldBe(expected);
        _store.TryGet("k", out _).ShouldBe(expected);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void TryPut_PatternRemovedMeanwhile_TakesOnlyLaterEpochs(long epoch, bool expected)
    {
        var ticket = _fence.Enter("k");
        _fence.InvalidateWhere(static name => name == "k", 5);
        _fence.TryPut(ticket, Entry(100, epoch, estimated: false)).ShouldBe(expected);
    }

    [Fact]
    public void Invalidate_ByTheServer_RemovesWhatWasStampedHere()
    {
        var ticket = _fence.Enter("k");
        _fence.TryPut(ticket, Entry(100, 1, estimated: true)).ShouldBeTrue();
        _fence.Invalidate("k", 50, byServer: true);
        _store.TryGet("k", out _).ShouldBeFalse();
    }

    private static TypedEntry<int> Entry(long stamp, long epoch, bool estimated) =>
        new("k", new EntryLife(stamp, estimated, epoch, long.MaxValue, long.MaxValue, long.MaxValue), [], shared: 1, bytes: 4);
}
