using System.Globalization;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>A Redis with a replica, and the ways in which it forgets.</summary>
internal sealed class ForgettingRedis(RedisServer redis, RedisServer replica) : IAsyncDisposable
{
    public const string Restored = "restored", Promoted = "promoted", Flushed = "flushed", Clock = "clock";

    public RedisServer Redis => redis;

    public static async Task<ForgettingRedis> StartAsync(string fault, CancellationToken cancellationToken)
    {
        var clock = fault.StartsWith(Clock, StringComparison.Ordinal);
        var redis = await RedisServer.StartAsync(new RedisServerOptions { SettableClock = clock }, cancellationToken);
        var settings = new RedisServerOptions
        {
            Settings = { ["replicaof"] = $"{redis.Host} {redis.Port}", ["repl-diskless-sync-delay"] = "0" },
        };
        return new ForgettingRedis(redis, await RedisServer.StartAsync(settings, cancellationToken));
    }

    /// <summary>Forgets. Returns the server that serves from now on.</summary>
    /// <param name="fault">What happens: one of the constants, "clock" with seconds, or an eviction policy.</param>
    /// <param name="proxies">The nodes' ways to Redis.</param>
    /// <param name="recovered">Waits until each node has lost the link and has it again.</param>
    public async Task<RedisServer> ForgetAsync(string fault, FaultProxy[] proxies, Func<Task> recovered)
    {
        switch (fault)
        {
            case Restored:
                await redis.ExecuteAsync("SAVE");
                await Task.Delay(500);
                await redis.KillAsync();
                await redis.StartAgainAsync();
                await recovered();
                return redis;
            case Promoted:
                await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");
                await Task.Delay(500);
                foreach (var proxy in proxies)
                    proxy.Retarget(replica.Host, replica.Port);
                await redis.KillAsync();
                await recovered();
                return replica;
            case Flushed:
                for (var i = 0; i < 5; i++)
                {
                    await redis.ExecuteAsync("FLUSHALL");
                    await Task.Delay(200);
                }

                return redis;
            default:
                if (fault.StartsWith(Clock, StringComparison.Ordinal))
                    await redis.SetClockAsync(TimeSpan.FromSeconds(int.Parse(fault[Clock.Length..], CultureInfo.InvariantCulture)));
                else
                    await PressAsync(fault);
                return redis;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await replica.DisposeAsync();
        await redis.DisposeAsync();
    }

    private async Task PressAsync(string policy)
    {
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", policy);
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "8mb");
        for (var i = 0; i < 10; i++)
        {
            await redis.ExecuteAsync(
                "EVAL",
                "for i = 1, 300 do redis.pcall('SET', ARGV[1] .. i, string.rep('x', 8000), 'EX', 7200) end",
                "0",
                $"other:{i}:");
            await Task.Delay(100);
        }
    }
}
