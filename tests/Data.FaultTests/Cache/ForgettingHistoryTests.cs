using System.Diagnostics;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>
/// Several nodes under load while Redis forgets. A heartbeat after it is back, no read is older than an acknowledged update.
/// </summary>
public sealed class ForgettingHistoryTests
{
    private static readonly TimeSpan Heartbeat = CacheNode.Options("", "f").HeartbeatInterval;
    private readonly CheckedHistory _history = new(keys: 8);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Faults =>
    [
        ForgettingRedis.Restored,
        ForgettingRedis.Promoted,
        ForgettingRedis.Flushed,
        ForgettingRedis.Clock + "-7200",
        ForgettingRedis.Clock + "-1800",
        ForgettingRedis.Clock + "-30",
        .. EvictionTests.Policies,
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task History_RedisForgets_HoldsNoReadOlderThanAnAcknowledgedUpdate(string fault)
    {
        await using var redis = await ForgettingRedis.StartAsync(fault, Cancellation);
        var nodes = new CacheNode[3];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = await (await CacheNode.StartBehindProxyAsync(redis.Redis)).ConnectedAsync();
        try
        {
            using var stop = new CancellationTokenSource();
            var work = _history.RunAsync(nodes, seed: 20_27, stop.Token);
            await Task.Delay(700, Cancellation);
            var serving = await redis.ForgetAsync(fault, [.. nodes.Select(static node => node.Proxy)], () => RecoveredAsync(nodes));
            await SettledAsync(nodes);
            await Task.Delay(Heartbeat * 2, Cancellation);
            var noticed = Stopwatch.GetTimestamp();
            await using var newcomer = await CacheNode.Start(serving.ConnectionString).ConnectedAsync();
            await Task.Delay(1000, Cancellation);
            await stop.CancelAsync();
            await work;

            _history.Reads.ShouldBeGreaterThan(100);
            _history.Check(static _ => true, Heartbeat, noticed);
            await SettledAsync(nodes);
            await Task.Delay(Heartbeat, Cancellation);
            await _history.CheckNowAsync([.. nodes, newcomer], fault);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task History_SlotsMove_HoldsNoReadOlderThanAnAcknowledgedUpdate()
    {
        await using var cluster = await RedisCluster.StartAsync(cancellationToken: Cancellation);
        var nodes = new CacheNode[3];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        try
        {
            using var stop = new CancellationTokenSource();
            var work = _history.RunAsync(nodes, seed: 20_28, stop.Token);
            await Task.Delay(500, Cancellation);
            var tags = await cluster.OwnerOfAsync(await cluster.SlotOfAsync("{f}"));
            var target = cluster.Primaries.First(primary => primary != tags);
            foreach (var key in (string[])["{f}", .. Enumerable.Range(0, 8).Select(static i => $"f:v::key{i}")])
            {
                var slot = await cluster.SlotOfAsync(key);
                if (await cluster.OwnerOfAsync(slot) != target)
                    await cluster.MigrateSlotAsync(slot, target, meanwhile: () => Task.Delay(100, Cancellation));
            }

            await Task.Delay(500, Cancellation);
            await stop.CancelAsync();
            await work;

            // What meets a slot that moves is queued and repeated.
            _history.Reads.ShouldBeGreaterThan(100);
            _history.Check(static _ => true, TimeSpan.FromSeconds(1));
            await SettledAsync(nodes);
            await Task.Delay(Heartbeat, Cancellation);
            await _history.CheckNowAsync(nodes, "after the moves");
            nodes.ShouldAllBe(static node => node.Cache.GetStatistics().LinkChanges == 1);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private static Task SettledAsync(CacheNode[] nodes) =>
        Until.TrueAsync(() => nodes.All(static node => node.IsSettled), "The nodes did not settle");

    private static Task RecoveredAsync(CacheNode[] nodes) =>
        Until.TrueAsync(() => nodes.All(static node => node.Cache.GetStatistics().LinkChanges >= 3), "The crash was not noticed");
}
