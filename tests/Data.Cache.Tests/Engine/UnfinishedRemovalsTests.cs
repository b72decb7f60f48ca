using Data.Cache.Engine;

namespace Data.Cache.Tests.Engine;

public sealed class UnfinishedRemovalsTests
{
    private int _overflows;

    [Fact]
    public void End_ChangedAgainMeanwhile_KeepsTheKey()
    {
        var removals = Create(limit: 10);
        removals.Add("k");
        removals.TryBegin(out var name, out var change).ShouldBeTrue();
        name.ShouldBe("k");
        removals.Add("k");
        removals.End("k", change, succeeded: true);
        removals.Covers("k").ShouldBeTrue();

        removals.TryBegin(out _, out change).ShouldBeTrue();
        removals.End("k", change, succeeded: true);
        removals.Covers("k").ShouldBeFalse();
        removals.Count.ShouldBe(0);
    }

    [Fact]
    public void TryBegin_OneIsRunning_WaitsForItsEnd()
    {
        var removals = Create(limit: 10);
        removals.Add("a");
        removals.Add("b");
        removals.TryBegin(out var first, out var change).ShouldBeTrue();
        removals.TryBegin(out _, out _).ShouldBeFalse();
        removals.End(first!, change, succeeded: false);
        removals.Covers("a").ShouldBeTrue();
        removals.TryBegin(out _, out _).ShouldBeTrue();
    }

    [Fact]
    public void Add_BeyondTheLimit_MakesEverythingOlderVoidOnce()
    {
        var removals = Create(limit: 2);
        foreach (var name in new[] { "a", "b", "b" })
            removals.Add(name);
        _overflows.ShouldBe(0);
        removals.Add("c");
        _overflows.ShouldBe(1);
        removals.Count.ShouldBe(0);
    }

    private UnfinishedRemovals Create(int limit) => new(limit, () => _overflows++);
}
