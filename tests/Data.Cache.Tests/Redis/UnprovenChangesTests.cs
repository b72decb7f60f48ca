using Data.Cache.Redis;

namespace Data.Cache.Tests.Redis;

public sealed class UnprovenChangesTests
{
    [Fact]
    public void Take_SomeProven_ReturnsTheOthersOnceInTheirOrder()
    {
        var changes = new UnprovenChanges(limit: 10);
        changes.AddKey("a", 1);
        var mark = changes.Mark();
        changes.AddKey("b", 2);
        changes.AddTag("t");
        changes.Proven(mark);
        var taken = changes.Take();
        taken.Select(static change => change.Key ?? change.Tag).ShouldBe(["b", "t"]);
        taken[0].Stamp.ShouldBe(2);
        changes.Take().ShouldBeEmpty();
    }

    [Fact]
    public void Take_MoreThanTheLimit_RemovesEverything()
    {
        var changes = new UnprovenChanges(limit: 2);
        var mark = changes.Mark();
        foreach (var key in new[] { "a", "b", "c" })
            changes.AddKey(key, 1);
        changes.Proven(mark);
        changes.Take().Select(static change => change.Key ?? change.Tag).ShouldBe(["*", "c"]);
    }

    [Fact]
    public void Proven_MarkFromBeforeTheLimitWasExceeded_KeepsTheRemovalOfEverything()
    {
        var changes = new UnprovenChanges(limit: 2);
        changes.AddKey("a", 1);
        changes.AddKey("b", 1);
        var mark = changes.Mark();
        changes.AddKey("c", 1);
        changes.Proven(mark);
        changes.Take().Length.ShouldBe(2);
    }
}
