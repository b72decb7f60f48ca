using Data.Benchmarks.Runner;
using Data.Cache;

namespace Data.Benchmarks.Cache;

/// <summary>Hit ratio of the local level against LRU, with room for a tenth of the keys: Zipf 0.99 with scans between.</summary>
internal sealed class HitRatioBenchmark : IBenchmark
{
    public const int Keys = 50_000;
    private const int Seed = 42;

    public string Area => "cache";

    public string Name => "hit-ratio";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var requests = run.Quick ? 600_000 : 3_000_000;
        var trace = Trace(requests);
        var names = new Dictionary<int, string>();
        foreach (var key in trace)
            names.TryAdd(key, $"key:{key:D8}");

        // Every name has the same length and every value the same size, so that room in bytes is room in entries.
        var probe = DataCacheFactory.Create(new DataCacheOptions());
        await probe.SetAsync(names[trace[0]], 1L);
        var room = Keys / 10;
        var cache = DataCacheFactory.Create(new DataCacheOptions { LocalSizeLimitBytes = probe.GetStatistics().LocalBytes * room });
        foreach (var key in trace)
            await cache.GetOrCreateAsync(names[key], 1L, static (value, _) => new ValueTask<long>(value));
        var ours = 1 - (cache.GetStatistics().FactoryRuns / (double)requests);
        var lru = ReferencePolicies.Lru(trace, room);
        run.Note($"{Keys:N0} keys, room for {room:N0}, {requests:N0} requests, seed {Seed}: {ours:P2} against LRU's {lru:P2}");
        run.Record("Hit ratio over LRU, Zipf 0.99 with scans", "points", (ours - lru) * 100, 5, Direction.Min);
    }

    /// <summary>Two parts Zipf, one part scans of 13,000 keys each that nobody asks for again.</summary>
    public static int[] Trace(int requests)
    {
        var random = new Random(Seed);
        var sums = new double[Keys];
        for (var i = 0; i < Keys; i++)
            sums[i] = (i == 0 ? 0 : sums[i - 1]) + (1 / Math.Pow(i + 1, 0.99));
        var trace = new int[requests];
        var scanned = Keys;
        for (int at = 0, burst = 0; at < requests; at++)
        {
            if (burst == 0 && random.Next(25_000) == 0)
                burst = 13_000;
            if (burst > 0)
            {
                burst--;
                trace[at] = scanned++;
                continue;
            }

            var found = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
            trace[at] = Math.Min(Keys - 1, found < 0 ? ~found : found);
        }

        return trace;
    }
}
