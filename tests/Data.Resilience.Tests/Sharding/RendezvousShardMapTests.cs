using Data.Resilience.Sharding;

namespace Data.Resilience.Tests.Sharding;

public sealed class RendezvousShardMapTests
{
    private static readonly string[] Tenants = [.. Enumerable.Range(0, 20_000).Select(i => $"tenant-{i}")];

    [Fact]
    public void ShardOf_ManyTenants_SpreadEvenly()
    {
        var map = new RendezvousShardMap(["a", "b", "c", "d"], []);

        var counts = Tenants.CountBy(map.ShardOf).ToDictionary();
        counts.Count.ShouldBe(4);
        counts.Values.ShouldAllBe(count => count > 4_700 && count < 5_300);
    }

    [Fact]
    public void ShardOf_ShardAdded_MovesOnlyItsShareAndOnlyToIt()
    {
        var before = new RendezvousShardMap(["a", "b", "c", "d"], []);
        var after = new RendezvousShardMap(["e", "d", "c", "b", "a"], []);

        var moved = Tenants.Where(t => !string.Equals(before.ShardOf(t), after.ShardOf(t), StringComparison.Ordinal)).ToList();
        moved.Count.ShouldBeInRange(3_600, 4_400);
        moved.ShouldAllBe(t => after.ShardOf(t) == "e");
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("globex")]
    [InlineData("ünïcode")]
    public void ShardOf_Pinned_IsThePin(string tenant)
    {
        foreach (var shard in new[] { "a", "b" })
            new RendezvousShardMap(["a", "b"], [new(tenant, shard)]).ShardOf(tenant).ShouldBe(shard);
    }

    /// <summary>Changing the hash would look for every tenant in the wrong place.</summary>
    [Fact]
    public void ShardOf_FixedTenants_NeverChanges()
    {
        var map = new RendezvousShardMap(["eu-1", "eu-2", "us-1"], []);

        string.Join(' ', new[] { "acme", "globex", "initech", "umbrella", "hooli", "42" }.Select(map.ShardOf))
            .ShouldBe("eu-2 eu-1 eu-2 eu-2 eu-1 us-1");
    }
}
