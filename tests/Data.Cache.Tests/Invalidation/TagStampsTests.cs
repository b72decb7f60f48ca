using Data.Cache.Invalidation;

namespace Data.Cache.Tests.Invalidation;

public sealed class TagStampsTests
{
    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    public void Judge_MadeUpToTheRemoval_IsRemoved(long epoch)
    {
        var tags = new TagStamps();
        tags.Removed("t", 10);
        tags.Judge(["t"], epoch).ShouldBe(TagVerdict.Removed);
        tags.Judge(["t"], 11).ShouldBe(TagVerdict.Valid);
    }

    [Fact]
    public void Judge_OlderThanTheListening_AsksOnce()
    {
        var tags = new TagStamps();
        tags.Restart();
        tags.Judge(["t"], 500).ShouldBe(TagVerdict.Unknown);
        tags.ListenFrom(100, []);
        tags.Judge(["t"], 100).ShouldBe(TagVerdict.Unknown);
        tags.Judge(["t"], 101).ShouldBe(TagVerdict.Valid);
        tags.Learn("t", 0);
        tags.Judge(["t"], 100).ShouldBe(TagVerdict.Valid);
    }

    [Fact]
    public void Restart_EverythingRemoved_StaysRemoved()
    {
        var tags = new TagStamps();
        tags.Removed("*", 10);
        tags.Restart();
        tags.Judge([], 10).ShouldBe(TagVerdict.Removed);
        tags.Judge([], 11).ShouldBe(TagVerdict.Valid);
    }

    [Fact]
    public void ListenFrom_PendingTags_StayRemoved()
    {
        var tags = new TagStamps();
        tags.Removed("t", 5);
        tags.Restart();
        tags.ListenFrom(100, ["t"]);
        tags.Judge(["t"], 100).ShouldBe(TagVerdict.Removed);
    }

    [Fact]
    public void Learn_OlderAnswerAfterANewerRemoval_KeepsTheRemoval()
    {
        var tags = new TagStamps();
        tags.Removed("t", 20);
        tags.Learn("t", 10);
        tags.Judge(["t"], 15).ShouldBe(TagVerdict.Removed);
    }

    [Fact]
    public void Learn_OldGenerationExceedsTheLimit_ForgetsNoNewerRemoval()
    {
        var tags = new TagStamps(limit: 2);
        tags.Removed("a", 50);
        tags.Removed("b", 40);
        tags.Learn("c", 10);
        tags.Judge(["a"], 45).ShouldNotBe(TagVerdict.Valid);
        tags.Judge(["a"], 51).ShouldBe(TagVerdict.Valid);
    }

    [Fact]
    public void Removed_EverythingAgainAtTheSameEpoch_LeavesTheVersion()
    {
        var tags = new TagStamps();
        tags.Removed("*", 10);
        var version = tags.Version;
        tags.Removed("*", 10);
        tags.Removed("*", 9);
        tags.Version.ShouldBe(version);
        tags.Removed("*", 11);
        tags.Version.ShouldNotBe(version);
        tags.Judge([], 11).ShouldBe(TagVerdict.Removed);
    }

    [Fact]
    public void Removed_MoreTagsThanTheLimit_ForgetsNoRemoval()
    {
        var tags = new TagStamps(limit: 10);
        for (var i = 1; i <= 50; i++)
            tags.Removed($"t{i}", i);
        for (var i = 1; i <= 50; i++)
            tags.Judge([$"t{i}"], i).ShouldNotBe(TagVerdict.Valid);
    }
}
