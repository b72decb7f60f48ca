namespace Data.TestServers.Tests.Redis;

public sealed class RedisClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_ThreePrimaries_ShareAllSlots()
    {
        await using var cluster = await RedisCluster.StartAsync(new RedisClusterOptions { Password = "secret" }, Token);
        cluster.Primaries.Count.ShouldBe(3);
        (await cluster.OwnerOfAsync(0)).ShouldBe(cluster.Primaries[0]);
        (await cluster.OwnerOfAsync(8_000)).ShouldBe(cluster.Primaries[1]);
        (await cluster.OwnerOfAsync(16_383)).ShouldBe(cluster.Primaries[2]);
        for (var key = 0; key < 20; key++)
        {
            var owner = await cluster.OwnerOfAsync(await cluster.SlotOfAsync($"key{key}"));
            (await owner.ExecuteAsync("SET", $"key{key}", "v")).ShouldBe("OK");
            var other = cluster.Primaries.First(node => node != owner);
            (await Should.ThrowAsync<InvalidOperationException>(() => other.ExecuteAsync("GET", $"key{key}"))).Message
                .ShouldContain("MOVED");
        }
    }

    [Fact]
    public async Task MigrateSlotAsync_SlotWithKeys_MovesThemAndAsksMeanwhile()
    {
        await using var cluster = await RedisCluster.StartAsync(cancellationToken: Token);
        var slot = await cluster.SlotOfAsync("{tag}1");
        var source = await cluster.OwnerOfAsync(slot);
        var target = cluster.Primaries.First(node => node != source);
        for (var key = 0; key < 250; key++)
            await source.ExecuteAsync("SET", $"{{tag}}{key}", "v");

        await cluster.MigrateSlotAsync(slot, target, async () =>
            (await Should.ThrowAsync<InvalidOperationException>(() => source.ExecuteAsync("GET", "{tag}1"))).Message.ShouldContain("ASK"));

        (await cluster.OwnerOfAsync(slot)).ShouldBe(target);
        (await target.ExecuteAsync("GET", "{tag}249")).ShouldBe("v");
        (await Should.ThrowAsync<InvalidOperationException>(() => source.ExecuteAsync("GET", "{tag}1"))).Message.ShouldContain("MOVED");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FailOverAsync_PrimaryAliveOrDead_TheReplicaServesItsKeys(bool alive)
    {
        await using var cluster = await RedisCluster.StartAsync(new RedisClusterOptions { Replicas = true }, Token);
        var slot = await cluster.SlotOfAsync("key");
        var primary = await cluster.OwnerOfAsync(slot);
        var replica = cluster.Replicas[cluster.Primaries.ToList().IndexOf(primary)];
        await primary.ExecuteAsync("SET", "key", "v");
        while (await replica.ExecuteAsync("DBSIZE") is not 1L)
            await Task.Delay(5, Token);

        if (!alive)
            await primary.KillAsync();
        await cluster.FailOverAsync(replica, Token);

        (await cluster.OwnerOfAsync(slot)).ShouldBe(replica);
        (await replica.ExecuteAsync("GET", "key")).ShouldBe("v");
    }
}
