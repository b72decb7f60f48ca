using System.Diagnostics;
using Data.Cache;
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

    [Theory]
    [InlineData("restored")]
    [InlineData("promoted")]
    [InlineData("flushed")]
    [InlineData("allkeys-random")]
    [InlineData("volatile-ttl")]
    public async Task History_RedisForgets_HoldsNoReadOlderThanAnAcknowledgedUpdate(string fault)
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var replica = await RedisServer.StartAsync(
            new RedisServerOptions
            {
                Settings = { ["replicaof"] = $"{redis.Host} {redis.Port}", ["repl-diskless-sync-delay"] = "0" },
            },
            Cancellation);
        var nodes = new CacheNode[3];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = await (await CacheNode.StartBehindProxyAsync(redis)).ConnectedAsync();
        try
        {
            using var stop = new CancellationTokenSource();
            var work = _history.RunAsync(nodes, seed: 20_27, stop.Token);
            await Task.Delay(700, Cancellation);
            var serving = await ForgetAsync(fault, redis, replica, nodes);
            await Until.TrueAsync(() => nodes.All(static node => node.IsSettled), "The nodes did not settle");
            await Task.Delay(Heartbeat * 2, Cancellation);
            var noticed = Stopwatch.GetTimestamp();
            await using var newcomer = await CacheNode.Start(serving.ConnectionString).ConnectedAsync();
            await Task.Delay(1000, Cancellation);
            await stop.CancelAsync();
            await work;

            _history.Reads.ShouldBeGreaterThan(100);
            _history.Check(static _ => true, Heartbeat, noticed);
            await Until.TrueAsync(() => nodes.All(static node => node.IsSettled), "The nodes did not settle");
            await Task.Delay(Heartbeat, Cancellation);
            await _history.CheckNowAsync([.. nodes, newcomer], fault);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private static Task ReconnectedAsync(CacheNode[] nodes) =>
        Until.TrueAsync(() => nodes.All(static node => node.Cache.GetStatistics().LinkChanges >= 3), "The crash was not noticed");

    private static async Task<RedisServer> ForgetAsync(string fault, RedisServer redis, RedisServer replica, CacheNode[] nodes)
    {
        switch (fault)
        {
            case "restored":
                await redis.ExecuteAsync("SAVE");
                await Task.Delay(500, Cancellation);
                await redis.KillAsync();
                await redis.StartAgainAsync(Cancellation);
                await ReconnectedAsync(nodes);
                return redis;
            case "promoted":
                await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");
                await Task.Delay(500, Cancellation);
                foreach (var node in nodes)
                    node.Proxy.Retarget(replica.Host, replica.Port);
                await redis.KillAsync();
                await ReconnectedAsync(nodes);
                return replica;
            case "flushed":
                for (var i = 0; i < 5; i++)
                {
                    await redis.ExecuteAsync("FLUSHALL");
                    await Task.Delay(200, Cancellation);
                }

                return redis;
            default:
                await redis.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", fault);
                await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "8mb");
                for (var i = 0; i < 10; i++)
                {
                    await redis.ExecuteAsync(
                        "EVAL",
                        "for i = 1, 300 do redis.pcall('SET', ARGV[1] .. i, string.rep('x', 8000), 'EX', 7200) end",
                        "0",
                        $"other:{i}:");
                    await Task.Delay(100, Cancellation);
                }

                return redis;
        }
    }
}
