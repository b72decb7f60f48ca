using System.Collections.Concurrent;
using Data.Benchmarks.Runner;
using Data.Cache;
using Microsoft.Extensions.Caching.Memory;

namespace Data.Benchmarks.Cache;

/// <summary>A hit of the local level beside a bare dictionary with an expiry check, and beside MemoryCache.</summary>
internal sealed class L1HitBenchmark : IBenchmark
{
    private const int Keys = 1000;
    private const int Operations = 1_000_000;

    public string Area => "cache";

    public string Name => "l1-hit";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var keys = Enumerable.Range(0, Keys).Select(static i => $"provider_config:{i}").ToArray();
        var cache = DataCacheFactory.Create(new DataCacheOptions());
        var bare = new ConcurrentDictionary<string, (string Value, long Until)>(StringComparer.Ordinal);
        using var memory = new MemoryCache(new MemoryCacheOptions());
        foreach (var key in keys)
        {
            await cache.SetAsync(key, key, cancellationToken: run.Cancellation);
            bare[key] = (key, Environment.TickCount64 + 600_000);
            memory.Set(key, key, TimeSpan.FromMinutes(10));
        }

        Task<double> Ours() => Task.FromResult(BenchmarkRun.NanosecondsPerOperation(Operations, () => Read(cache, keys)));
        await run.CompareAsync("L1 hit over ConcurrentDictionary with an expiry check", "ns", 1.7, Direction.Max, Ours, () => Task.FromResult(BenchmarkRun.NanosecondsPerOperation(Operations, () => Read(bare, keys))), rounds: 9);
        await run.CompareAsync("L1 hit over MemoryCache", "ns", 1.0, Direction.Max, Ours, () => Task.FromResult(BenchmarkRun.NanosecondsPerOperation(Operations, () => Read(memory, keys))));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(cache, keys);
        run.Record("L1 hit allocation", "B", Math.Floor((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Operations), 0, Direction.Max);
    }

    private static void Read(DataCache cache, string[] keys)
    {
        for (var i = 0; i < Operations; i++)
        {
            var hit = cache.GetOrCreateAsync(keys[i % Keys], 0, static (_, _) => new ValueTask<string>("Not a hit."), (Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryOptions?)null, null, CancellationToken.None);
            Consume(hit.IsCompletedSuccessfully ? hit.Result : throw new InvalidOperationException("A hit must complete at once."));
        }
    }

    private static void Read(ConcurrentDictionary<string, (string Value, long Until)> bare, string[] keys)
    {
        for (var i = 0; i < Operations; i++)
        {
            if (!bare.TryGetValue(keys[i % Keys], out var entry) || Environment.TickCount64 >= entry.Until)
                throw new InvalidOperationException("Not a hit.");
            Consume(entry.Value);
        }
    }

    private static void Read(MemoryCache memory, string[] keys)
    {
        for (var i = 0; i < Operations; i++)
        {
            if (!memory.TryGetValue(keys[i % Keys], out string? value))
                throw new InvalidOperationException("Not a hit.");
            Consume(value!);
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Consume(string value) => _ = value;
}
