using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>Connections that break at any byte, and connections that hang without breaking.</summary>
public sealed class BadLinkTests
{
    [Theory]
    [InlineData(Direction.ToServer)]
    [InlineData(Direction.ToClient)]
    public async Task Operations_LinkCutAfterAnyNumberOfBytes_AnswerAndRecover(Direction direction)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.StartBehindProxyAsync(redis);
        await node.ConnectedAsync();
        foreach (var bytes in new[] { 1, 7, 40, 133, 512, 1999 })
        {
            node.Proxy.CutOpenAfter(direction, bytes);
            for (var i = 0; i < 20; i++)
            {
                var expected = (bytes * 100) + i;
                await node.Cache.SetAsync($"k{i}", expected);
                (await node.Cache.GetOrCreateAsync($"k{i}", _ => ValueTask.FromResult(expected))).ShouldBe(expected);
            }

            node.Proxy.ClearCuts();
            await Until.TrueAsync(() => node.IsSettled, $"The cache did not recover from a cut after {bytes} bytes");
        }

        for (var i = 0; i < 20; i++)
            (await node.Cache.GetOrCreateAsync($"k{i}", _ => ValueTask.FromResult(199900 + i))).ShouldBe(199900 + i);
    }

    [Fact]
    public async Task Link_HangsWithoutReset_IsMadeAnew()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.StartBehindProxyAsync(redis);
        await node.ConnectedAsync();
        var before = node.Proxy.ConnectionCount;
        node.Proxy.Blackhole();
        await Until.TrueAsync(() => node.Link == CacheLinkState.Disconnected, "The hang was not noticed");
        await node.Cache.SetAsync("k", 1);
        await Until.TrueAsync(() => node.Proxy.ConnectionCount > before, "No new connection was made");
        node.Proxy.Resume();
        await Until.TrueAsync(() => node.IsSettled, "The cache did not recover");
        (await node.Cache.TryGetAsync<int>("k")).Value.ShouldBe(1);
    }
}
