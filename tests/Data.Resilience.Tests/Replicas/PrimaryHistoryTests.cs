using Data.Resilience.Replicas;

namespace Data.Resilience.Tests.Replicas;

public sealed class PrimaryHistoryTests
{
    private readonly PrimaryHistory _history = new();

    [Fact]
    public void CoveredAt_ReplicaBehind_IsWhenThePrimaryStoodThere()
    {
        _history.Add(At(100), timestamp: 1);
        _history.Add(At(200), timestamp: 2);
        _history.Add(At(300), timestamp: 3);

        _history.CoveredAt(99).ShouldBeNull();
        _history.CoveredAt(100).ShouldBe(1);
        _history.CoveredAt(299).ShouldBe(2);
        _history.CoveredAt(300).ShouldBe(3);
    }

    [Fact]
    public void CoveredAt_IdlePrimary_ReplicaStaysFresh()
    {
        _history.Add(At(100), timestamp: 1);
        _history.Add(At(100), timestamp: 50);

        _history.CoveredAt(100).ShouldBe(50);
    }

    [Fact]
    public void Add_NewTimeline_ForgetsTheOldPositions()
    {
        _history.Add(At(100), timestamp: 1);
        _history.Add(new NodePosition(IsStandby: false, SystemIdentifier: 7, Timeline: 2, Position: 90), timestamp: 2);

        _history.IsCurrent(7, 1).ShouldBeFalse();
        _history.IsCurrent(7, 2).ShouldBeTrue();
        _history.CoveredAt(95).ShouldBe(2);
    }

    [Fact]
    public void Add_ManySamples_StaysBounded()
    {
        for (var i = 1; i <= 20_000; i++)
            _history.Add(At((ulong)i), i);

        _history.CoveredAt(20_000).ShouldBe(20_000);
        _history.CoveredAt(1).ShouldBeNull();
    }

    private static NodePosition At(ulong position) => new(IsStandby: false, SystemIdentifier: 7, Timeline: 1, position);
}
