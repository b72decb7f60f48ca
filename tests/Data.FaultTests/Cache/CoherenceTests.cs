using System.Globalization;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>Several nodes, a link each, and a recorded history that no stale read may be part of.</summary>
/// <remarks>
/// Once an update is acknowledged and all links are back, no node may serve less. While links are bent the same holds among the nodes whose
/// links are sound, one hop later.
/// </remarks>
public sealed class CoherenceTests
{
    private const int Nodes = 3;
    private static readonly TimeSpan Hop = TimeSpan.FromSeconds(1);
    private readonly CheckedHistory _history = new(keys: 6);

    private static int Rounds => 4 * Math.Max(
        1,
        int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), CultureInfo.InvariantCulture, out var scale) ? scale : 1);

    [Fact]
    public async Task History_LinksCutAndRestored_HoldsNoReadOlderThanAnAcknowledgedRemoval()
    {
        await using var redis = await RedisServer.StartAsync();
        var nodes = new CacheNode[Nodes];
        for (var i = 0; i < Nodes; i++)
            nodes[i] = await (await CacheNode.StartBehindProxyAsync(redis)).ConnectedAsync();
        try
        {
            var random = new Random(20_26);
            for (var round = 0; round < Rounds; round++)
                await RoundAsync(nodes, round, random);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }

        _history.Reads.ShouldBeGreaterThan(100);
    }

    private async Task RoundAsync(CacheNode[] nodes, int round, Random random)
    {
        _history.Clear();
        var bent = random.Next(Nodes);
        using var stop = new CancellationTokenSource();
        var work = _history.RunAsync(nodes, round * 100, stop.Token);
        await Task.Delay(200);
        await BendAsync(nodes[bent].Proxy, round % 4);
        await stop.CancelAsync();
        await work;
        _history.Check(node => node != bent, Hop);

        await Until.TrueAsync(() => nodes.All(static node => node.IsSettled), "The nodes did not settle");
        await Task.Delay(Hop / 4);
        await _history.CheckNowAsync(nodes, $"round {round}, bent {bent}");
    }

    private static async Task BendAsync(FaultProxy proxy, int fault)
    {
        switch (fault)
        {
            case 0:
                proxy.RefuseNewConnections();
                proxy.ResetAll();
                await Task.Delay(1500);
                proxy.AcceptAgain();
                break;
            case 1:
                proxy.Freeze();
                await Task.Delay(2500);
                proxy.Resume();
                break;
            case 2:
                proxy.Blackhole();
                await Task.Delay(2500);
                proxy.Resume();
                break;
            default:
                for (var i = 0; i < 5; i++)
                {
                    proxy.ResetAll();
                    await Task.Delay(200);
                }

                break;
        }

        await Task.Delay(300);
    }
}
