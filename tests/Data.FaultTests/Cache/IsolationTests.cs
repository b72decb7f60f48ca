using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>What the trouble of one node, or of one slot, costs the nodes that are sound: nothing.</summary>
public sealed class IsolationTests
{
    private static readonly DataCacheEntryOptions Long = new() { Expiration = TimeSpan.FromHours(1) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Outage_OfOneNode_CostsTheOtherOnlyWhatWasRemoved(bool frozen)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var bent = await CacheNode.StartBehindProxyAsync(redis);
        await using var sound = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await bent.ConnectedAsync();
        for (var i = 0; i < 500; i++)
            await sound.Cache.SetAsync($"k{i}", i, Long, cancellationToken: Cancellation);
        var before = sound.Cache.GetStatistics();
        before.LocalEntries.ShouldBe(500);

        if (frozen)
        {
            bent.Proxy.Freeze();
        }
        else
        {
            bent.Proxy.RefuseNewConnections();
            bent.Proxy.ResetAll();
        }

        // The first calls still find the gate open: their messages are numbered, and not all are sent.
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => bent.Cache.RemoveAsync($"k{i}", Cancellation).AsTask()));
        await Until.TrueAsync(() => bent.Link == CacheLinkState.Disconnected, "The outage was not noticed");
        if (frozen)
            bent.Proxy.Resume();
        else
            bent.Proxy.AcceptAgain();
        await Until.TrueAsync(() => bent.IsSettled, "The node did not recover");
        await Until.TrueAsync(() => sound.Cache.GetStatistics().LocalEntries <= 400, "The removals did not arrive");
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);

        var after = sound.Cache.GetStatistics();
        after.LinkChanges.ShouldBe(before.LinkChanges);
        after.LocalEntries.ShouldBe(400);
    }

    [Fact]
    public async Task Moves_OfSlotsUnderLoad_ChangeNoLink()
    {
        await using var cluster = await RedisCluster.StartAsync(cancellationToken: Cancellation);
        await using var first = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        await using var second = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();

        // All to one primary: two that raise their epochs at once can come to disagree about a slot for ever. The tags' slot moves too.
        var tags = await cluster.OwnerOfAsync(await cluster.SlotOfAsync("{f}"));
        var target = cluster.Primaries.First(node => node != tags);
        var moving = new List<string> { "{f}" };
        await first.Cache.SetAsync("kept", 1, Long, cancellationToken: Cancellation);
        for (var i = 0; moving.Count < 12; i++)
        {
            await first.Cache.SetAsync($"k{i}", i, Long, ["t"], Cancellation);
            if (await cluster.OwnerOfAsync(await cluster.SlotOfAsync($"f:v::k{i}")) != target)
                moving.Add($"f:v::k{i}");
        }

        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(new[] { first, second }.Select((node, seed) => LoadAsync(node.Cache, new Random(seed), stop.Token)));

        foreach (var key in moving)
        {
            await cluster.MigrateSlotAsync(
                await cluster.SlotOfAsync(key),
                target,
                meanwhile: () => first.Cache.SetAsync(key[(key.LastIndexOf(':') + 1)..], -1, Long).AsTask());
        }

        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        await stop.CancelAsync();
        await load;
        foreach (var node in new[] { first, second })
        {
            node.Cache.GetStatistics().LinkChanges.ShouldBe(1);
            (await node.Cache.TryGetAsync<int>("kept", Cancellation)).Found.ShouldBeTrue();
        }

        await Until.TrueAsync(() => first.IsSettled && second.IsSettled, "The replay did not end");
        await Until.TrueAsync(
            async () =>
            {
                // More than once: a repeated removal of the tag may come after the write.
                await first.Cache.SetAsync("k0", 1000, Long, ["t"], Cancellation);
                return (await second.Cache.TryGetAsync<int>("k0", Cancellation)).Value == 1000;
            },
            "The write was not seen");
        await second.Cache.RemoveByTagAsync("t", Cancellation);
        await Until.TrueAsync(async () => !(await first.Cache.TryGetAsync<int>("k0", Cancellation)).Found, "The removal was not seen");
    }

    private static async Task LoadAsync(DataCache cache, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = $"k{random.Next(12)}";
            switch (random.Next(6))
            {
                case 0:
                    await cache.SetAsync(key, 1, Long, ["t"], CancellationToken.None);
                    break;
                case 1:
                    await cache.RemoveAsync(key, CancellationToken.None);
                    break;
                case 2:
                    await cache.RemoveByTagAsync("t", CancellationToken.None);
                    break;
                default:
                    await cache.GetOrCreateAsync(key, static (_, _) => ValueTask.FromResult(1), Long, ["t"], CancellationToken.None);
                    break;
            }

            await Task.Delay(2, CancellationToken.None);
        }
    }
}
