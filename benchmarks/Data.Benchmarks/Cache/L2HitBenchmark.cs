using System.Text;
using Data.Benchmarks.Runner;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;
using StackExchange.Redis;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Cache;

/// <summary>A hit in Redis beside the bare client, one at a time and with 256 readers at once.</summary>
internal sealed class L2HitBenchmark : IBenchmark
{
    private const int Keys = 512;
    private const int Readers = 256;
    private static readonly HybridCacheEntryOptions RemoteOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    public string Area => "cache";

    public string Name => "l2-hit";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var redis = await RedisServer.StartAsync();
        using var client = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var database = client.GetDatabase();
        var cache = await RemoteSetup.ConnectAsync(redis);
        await using var owner = (IAsyncDisposable)cache;
        var value = new string('v', 128);
        var keys = Enumerable.Range(0, Keys).Select(static i => $"provider_config:{i}").ToArray();
        foreach (var key in keys)
        {
            await cache.SetAsync(key, value);
            await database.StringSetAsync("bare:" + key, value);
        }

        var bareKeys = keys.Select(static key => (RedisKey)("bare:" + key)).ToArray();

        // Past the tiers of compilation. Two connections of the same client differ by a fifth in how their threads happen to meet, so one
        // caller is measured over one connection.
        var same = ((FallbackCache)cache).Database!;
        await AllAsync(reader => ReadAsync(cache, keys, 100, reader));
        await AllAsync(reader => BareAsync(same, bareKeys, 100, reader));
        for (var i = 0; i < 16; i++)
        {
            await ReadAsync(cache, keys, 1000, 0);
            await BareAsync(same, bareKeys, 1000, 0);
        }

        var (measure, baseline) = PairedRounds.Of(500, call => ReadAsync(cache, keys, 1, call), call => BareAsync(same, bareKeys, 1, call));
        await run.CompareAsync(
            "L2 hit over bare StringGetAsync, 128 B string",
            "ns",
            1.05,
            Direction.Max,
            measure,
            baseline,
            run.Quick ? 15 : 51);
        const int each = 600;
        await run.CompareAsync(
            "256 readers of L2 over the bare client",
            "reads/s",
            0.9,
            Direction.Min,
            async () => 1e9 / await BenchmarkRun.NanosecondsPerOperationAsync(
                Readers * each,
                () => AllAsync(reader => ReadAsync(cache, keys, each, reader))),
            async () => 1e9 / await BenchmarkRun.NanosecondsPerOperationAsync(
                Readers * each,
                () => AllAsync(reader => BareAsync(database, bareKeys, each, reader))),
            rounds: 9);
    }

    private static Task AllAsync(Func<int, Task> read) =>
        Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(() => read(reader))));

    private static async Task ReadAsync(DataCache cache, string[] keys, int operations, int start)
    {
        for (var i = 0; i < operations; i++)
        {
            var value = await cache.GetOrCreateAsync(
                keys[(start + i) % Keys],
                0,
                static (_, _) => new ValueTask<string>("miss"),
                RemoteOnly).ConfigureAwait(false);
            if (value.Length != 128)
                throw new InvalidOperationException("Not a hit.");
        }
    }

    private static async Task BareAsync(IDatabase database, RedisKey[] keys, int operations, int start)
    {
        for (var i = 0; i < operations; i++)
        {
            var value = Encoding.UTF8
                .GetString(((byte[])(await database.StringGetAsync(keys[(start + i) % Keys]).ConfigureAwait(false))!).AsSpan());
            if (value.Length != 128)
                throw new InvalidOperationException("Not a hit.");
        }
    }
}
