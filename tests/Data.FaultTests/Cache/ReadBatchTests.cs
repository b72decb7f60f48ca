using System.Globalization;
using System.Text.RegularExpressions;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;
using StackExchange.Redis;

namespace Data.FaultTests.Cache;

/// <summary>So many reads at once that the cache sends them together.</summary>
public sealed partial class ReadBatchTests
{
    private const int Readers = 300;
    private static readonly HybridCacheEntryOptions RemoteOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    [Fact]
    public async Task Reads_ManyAtOnce_EachGetsItsOwnValueByFewCommands()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        using var direct = await DirectAsync(redis);
        await FillAsync(node);
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(() => ReadAsync(node, reader))));

        var commands = await CallsAsync(direct, redis, "mget");
        commands.ShouldBeInRange(1, Readers * 20 / 2);
    }

    [Fact]
    public async Task Reads_UserMayNotReadManyKeysAtOnce_AreSentOneByOne()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await FillAsync(node);
        using var direct = await DirectAsync(redis);
        await direct.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "-mget");
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(() => ReadAsync(node, reader))));

        node.Link.ShouldBe(CacheLinkState.Connected);
        node.Cache.GetStatistics().RemoteFailures.ShouldBe(0);
        (await CallsAsync(direct, redis, "mget")).ShouldBe(0);
    }

    [Fact]
    public async Task Reads_OneOfManyIsCancelled_TheOthersGetTheirValues()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await CacheNode.Start(redis.ConnectionString).ConnectedAsync();
        await FillAsync(node);
        redis.Freeze();
        using var cancel = new CancellationTokenSource();
        var cancelled = new List<Task>();
        var others = new List<(int Key, Task<int> Call)>();
        for (var i = 0; i < Readers; i++)
        {
            if (i % 3 == 0)
                cancelled.Add(GetAsync(node, i, cancel.Token).AsTask());
            else
                others.Add((i, GetAsync(node, i, CancellationToken.None).AsTask()));
        }

        await cancel.CancelAsync();
        foreach (var call in cancelled)
            await Should.ThrowAsync<OperationCanceledException>(call);
        redis.Resume();

        // Where the machine was slow the factory has answered. Another key's value is what must not come.
        foreach (var (key, call) in others)
            (await call).ShouldBeOneOf(key, -1);
        await Until.TrueAsync(() => node.Link == CacheLinkState.Connected, "The link did not come back");
        (await GetAsync(node, 0, CancellationToken.None)).ShouldBe(0);
    }

    private static async Task FillAsync(CacheNode node)
    {
        for (var i = 0; i < Readers; i++)
            await node.Cache.SetAsync($"k{i}", i);
    }

    private static async Task ReadAsync(CacheNode node, int reader)
    {
        for (var i = 0; i < 20; i++)
        {
            var key = (reader + (i * 7)) % (Readers + 20);
            (await GetAsync(node, key, CancellationToken.None)).ShouldBe(key < Readers ? key : -1);
        }
    }

    private static ValueTask<int> GetAsync(CacheNode node, int key, CancellationToken cancellationToken) =>
        node.Cache.GetOrCreateAsync($"k{key}", static _ => ValueTask.FromResult(-1), RemoteOnly, cancellationToken: cancellationToken);

    private static Task<ConnectionMultiplexer> DirectAsync(RedisServer redis) =>
        ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");

    private static async Task<int> CallsAsync(ConnectionMultiplexer direct, RedisServer redis, string command)
    {
        var statistics = await direct.GetServer(redis.EndPoint).InfoRawAsync("commandstats");
        var calls = Calls().Matches(statistics!).FirstOrDefault(match => match.Groups[1].Value == command);
        return calls is null ? 0 : int.Parse(calls.Groups[2].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"cmdstat_(\w+):calls=(\d+)")]
    private static partial Regex Calls();
}
