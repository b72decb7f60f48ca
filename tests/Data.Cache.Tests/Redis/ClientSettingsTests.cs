using System.Globalization;
using Data.Cache.Redis;
using Data.TestServers;
using StackExchange.Redis;

namespace Data.Cache.Tests.Redis;

/// <summary>What the cache relies on the client for, checked against a server.</summary>
public sealed class ClientSettingsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_WhileDisconnected_IsNotSentAfterTheReconnect()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var connections = new Multiplexers(new DataCacheOptions { Configuration = redis.ConnectionString }, TimeProvider.System);
        await using var client = await connections.ConnectAsync(Cancellation);
        var database = client.GetDatabase();
        await redis.KillAsync();
        await Should.ThrowAsync<RedisConnectionException>(async () =>
        {
            // The first write may still find the connection open.
            for (var i = 0; i < 100; i++)
                await database.StringSetAsync("late", i).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        });
        await Should.ThrowAsync<RedisConnectionException>(database.StringSetAsync("late", "x"));

        await redis.StartAgainAsync();
        var until = Environment.TickCount64 + 30_000;
        while (!client.IsConnected)
        {
            Environment.TickCount64.ShouldBeLessThan(until, "The client did not reconnect within 30 s.");
            await Task.Delay(20, Cancellation);
        }

        // Behind whatever the client had kept.
        await database.PingAsync();
        (await redis.ExecuteAsync("EXISTS", "late")).ShouldBe(0L);
    }

    [Fact]
    public async Task RemoveByPatternAsync_ManyKeys_UnlinksThemOverAConnectionOfItsOwn()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var cache = DataCacheFactory.Create(
            new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = "u", OutageMode = OutageMode.Strict });
        await using var owner = (IAsyncDisposable)cache;
        while (cache.GetStatistics().Link != CacheLinkState.Connected)
            await Task.Delay(10, Cancellation);
        for (var i = 0; i < 1000; i++)
            await redis.ExecuteAsync("SET", "u:v::many:" + i.ToString(CultureInfo.InvariantCulture), "x");

        (await cache.RemoveByPatternAsync(KeyPattern.Prefix("many:"), cancellationToken: Cancellation)).Count.ShouldBe(1000);

        var commands = (string)(await redis.ExecuteAsync("INFO", "commandstats"))!;
        commands.ShouldContain("cmdstat_unlink:");
        commands.ShouldNotContain("cmdstat_del:");
        commands.ShouldNotContain("cmdstat_keys:");
    }
}
