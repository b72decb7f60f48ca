using System.Diagnostics;
using System.Globalization;
using Data.Benchmarks.Runner;
using Data.Cache;
using Data.TestServers;
using StackExchange.Redis;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Cache;

/// <summary>Physical and logical removal of many keys: how long, and what it costs a bystander.</summary>
internal sealed class PatternRemovalBenchmark : IBenchmark
{
    private const string Fill =
        "for i = tonumber(ARGV[2]), tonumber(ARGV[2]) + tonumber(ARGV[3]) - 1 do redis.call('SET', ARGV[1] .. i, ARGV[4]) end return 1";

    public string Area => "cache";

    public string Name => "pattern-removal";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var count = run.Quick ? 200_000 : 1_000_000;
        await using var redis = await RedisServer.StartAsync();
        using var client = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        using var bystander = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var database = client.GetDatabase();
        var cache = await RemoteSetup.ConnectAsync(redis, options => options.HeartbeatInterval = TimeSpan.FromMinutes(1));
        await using var owner = (IAsyncDisposable)cache;
        await database.StringSetAsync("bystander", "x");

        await run.CompareAsync(
            $"Pattern removal of {count:N0} keys over a bare SCAN and UNLINK loop",
            "ms",
            1.3,
            Direction.Max,
            () => TimedAsync(database, count, async () =>
            {
                var removed = await cache.RemoveByPatternAsync(KeyPattern.Prefix("many:"));
                if (removed.Count != count)
                    throw new InvalidOperationException($"{removed.Count} keys were removed.");
            }),
            () => TimedAsync(database, count, () => BareAsync(database)),
            rounds: 5);

        var alone = new List<double>();
        await BystanderAsync(bystander.GetDatabase(), Task.Delay(run.Quick ? 1000 : 3000), alone);
        var during = new List<double>();
        for (var i = 0; i < (run.Quick ? 5 : 2); i++)
        {
            await FillAsync(database, count);
            await BystanderAsync(bystander.GetDatabase(), cache.RemoveByPatternAsync(KeyPattern.Prefix("many:")).AsTask(), during);
        }

        var (quiet, busy) = (P99(alone), P99(during));
        run.Note($"p99 of a bystander's GET: {quiet:F3} ms alone, {busy:F3} ms during the removal");
        run.Record("Rise of a bystander's p99 during pattern removal", "ms", Math.Max(0, busy - quiet), 1, Direction.Max);
        await LogicalAsync(run, cache, database, count);
    }

    private static async Task LogicalAsync(BenchmarkRun run, DataCache cache, IDatabase database, int count)
    {
        var many = cache.ForNamespace("many");
        await database.ScriptEvaluateAsync(Fill, null, ["b:v:n=many:", 0, Math.Min(count, 200_000), "x"]);
        var before = await CallsAsync(database);
        var times = new List<double>();
        for (var i = 0; i < 201; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await many.RemoveByTagAsync("*");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        run.Record("Logical removal, round trips", "calls", ((await CallsAsync(database)) - before) / 201.0, 1, Direction.Max);
        run.Record("Logical removal, median", "ms", BenchmarkRun.Median(times), 1, Direction.Max);
    }

    private static async Task<long> CallsAsync(IDatabase database)
    {
        var text = (string)(await database.ExecuteAsync("INFO", "commandstats"))!;
        return text.Split('\n')
            .Where(static line => line.StartsWith("cmdstat_evalsha:", StringComparison.Ordinal)
                || line.StartsWith("cmdstat_eval:", StringComparison.Ordinal))
            .Sum(static line => long.Parse(line.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture));
    }

    private static async Task<double> TimedAsync(IDatabase database, int count, Func<Task> removal)
    {
        await FillAsync(database, count);
        var started = Stopwatch.GetTimestamp();
        await removal();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task FillAsync(IDatabase database, int count)
    {
        for (var at = 0; at < count; at += 10_000)
            await database.ScriptEvaluateAsync(Fill, null, ["b:v::many:", at, Math.Min(10_000, count - at), "value"]);
    }

    private static async Task BareAsync(IDatabase database)
    {
        RedisValue cursor = "0";
        do
        {
            var page = (RedisResult[])(await database.ExecuteAsync("SCAN", cursor, "MATCH", "b:v::many:*", "COUNT", 1000))!;
            cursor = (RedisValue)page[0];
            var keys = (string[])page[1]!;
            if (keys.Length > 0)
                await database.ExecuteAsync("UNLINK", keys);
        }
        while (cursor != "0");
    }

    private static async Task BystanderAsync(IDatabase database, Task until, List<double> times)
    {
        while (!until.IsCompleted)
        {
            var started = Stopwatch.GetTimestamp();
            await database.StringGetAsync("bystander").ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        await until;
    }

    private static double P99(List<double> times)
    {
        times.Sort();
        return times[(int)(times.Count * 0.99)];
    }
}
