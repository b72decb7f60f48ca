using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Observation;

namespace Data.Cache.Tests.Local;

public sealed class FillTokensTests
{
    private readonly LocalStore _store = new(100_000, new CacheCounters(), new MonotonicClock(TimeProvider.System));
    private readonly FillTokens _fills;

    public FillTokensTests() => _fills = new FillTokens(_store);

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
        var token = _fills.Acquire("k");
        _fills.Invalidate("k", removed, byServer);
        _fills.TryPut(token, Entry(stamp, epoch, estimated)).ShouldBe(expected);
        _store.TryGet("k", out _).ShouldBe(expected);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void TryPut_PatternRemovedMeanwhile_TakesOnlyLaterEpochs(long epoch, bool expected)
    {
        var token = _fills.Acquire("k");
        _fills.InvalidateWhere(static name => name == "k", 5);
        _fills.TryPut(token, Entry(100, epoch, estimated: false)).ShouldBe(expected);
    }

    [Fact]
    public void KeepOnly_StampOfRedis_KeepsThatValueAndRefusesEveryOther()
    {
        var token = _fills.Acquire("k");
        _fills.TryPut(token, Entry(7, 1, estimated: false)).ShouldBeTrue();
        _fills.KeepOnly("k", 7);
        _store.TryGet("k", out _).ShouldBeTrue();
        _fills.TryPut(token, Entry(8, 1, estimated: false)).ShouldBeFalse();
        _fills.TryPut(token, Entry(7, 1, estimated: false)).ShouldBeTrue();
        _fills.KeepOnly("other", 0);
        _store.TryGet("k", out _).ShouldBeTrue();
    }

    [Fact]
    public void KeepOnly_AnswersThatDiffer_RefuseBoth()
    {
        var token = _fills.Acquire("k");
        _fills.TryPut(token, Entry(7, 1, estimated: false)).ShouldBeTrue();
        _fills.KeepOnly("k", 0);
        _store.TryGet("k", out _).ShouldBeFalse();
        _fills.KeepOnly("k", 7);
        _fills.TryPut(token, Entry(7, 1, estimated: false)).ShouldBeFalse();

        // Redis decides whether to store it: what another client did to the key is no removal by the cache.
        token.IsRemoved(Entry(7, 1, estimated: false).Life).ShouldBeFalse();
        _fills.Release(token);
        _fills.TryPut(_fills.Acquire("k"), Entry(7, 1, estimated: false)).ShouldBeTrue();
    }

    [Fact]
    public void Knows_EntryOrFillInProgress_IsTrue()
    {
        _fills.Knows("k").ShouldBeFalse();
        var token = _fills.Acquire("k");
        _fills.Knows("k").ShouldBeTrue();
        _fills.TryPut(token, Entry(7, 1, estimated: false));
        _fills.Release(token);
        _fills.Knows("k").ShouldBeTrue();
        _store.Clear();
        _fills.Knows("k").ShouldBeFalse();
    }

    [Fact]
    public void Invalidate_ByTheServer_RemovesWhatWasStampedHere()
    {
        var token = _fills.Acquire("k");
        _fills.TryPut(token, Entry(100, 1, estimated: true)).ShouldBeTrue();
        _fills.Invalidate("k", 50, byServer: true);
        _store.TryGet("k", out _).ShouldBeFalse();
    }

    [Fact]
    public void TryPut_EstimatedInvalidationAfterOneByTheServer_StillRefusesEstimates()
    {
        var token = _fills.Acquire("k");
        _fills.Invalidate("k", 10, byServer: true);
        _fills.Invalidate("k", 11, byServer: false);
        _fills.TryPut(token, Entry(12, 1, estimated: true)).ShouldBeFalse();
        _fills.TryPut(token, Entry(12, 1, estimated: false)).ShouldBeTrue();
    }

    [Fact]
    public void TryPut_FirstOfTwoHoldersHasLeft_StillRefusesWhatWasInvalidated()
    {
        var first = _fills.Acquire("k");
        var second = _fills.Acquire("k");
        _fills.Release(first);
        _fills.Invalidate("k", 10, byServer: true);
        _fills.TryPut(second, Entry(9, 1, estimated: false)).ShouldBeFalse();
        _fills.Release(second);
        _fills.TryPut(_fills.Acquire("k"), Entry(9, 1, estimated: false)).ShouldBeTrue();
    }

    [Fact]
    public void IsRemoved_ClearedAfterAReconnection_IsFalseUntilARemovalIsKnown()
    {
        var token = _fills.Acquire("k");
        var life = Entry(9, 1, estimated: false).Life;
        _store.Put(Entry(9, 1, estimated: false));
        _fills.Clear();
        _store.TryGet("k", out _).ShouldBeFalse();
        token.Refuses(life).ShouldBeTrue();
        token.IsRemoved(life).ShouldBeFalse();
        _fills.Invalidate("k", 10, byServer: true);
        token.IsRemoved(life).ShouldBeTrue();
    }

    [Fact]
    public void IsRemoved_ClearedAfterARemovalByPattern_StaysTrue()
    {
        var token = _fills.Acquire("k");
        _fills.InvalidateWhere(static _ => true, 5);
        _fills.Clear();
        token.IsRemoved(Entry(9, 5, estimated: false).Life).ShouldBeTrue();
        token.IsRemoved(Entry(9, 6, estimated: false).Life).ShouldBeFalse();
    }

    private static TypedEntry<int> Entry(long stamp, long epoch, bool estimated) =>
        new("k", new EntryLife(stamp, estimated, epoch, long.MaxValue, long.MaxValue, long.MaxValue), [], shared: 1, bytes: 4);
}
