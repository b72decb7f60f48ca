using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Data.Benchmarks.Runner;
using Data.Cache;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;

namespace Data.Benchmarks.Cache;

/// <summary>A hit of the local level beside a bare dictionary with an expiry check, and beside MemoryCache.</summary>
/// <remarks>
/// Every contender is a method of the same shape that passes once over the keys and is called until the time is over, so that all of them
/// are replaced by the last tier of the compiler: one long loop would stay in the code that was swapped in on the stack while it ran.
/// </remarks>
internal sealed class L1HitBenchmark : IBenchmark
{
    private const int Keys = 1000;
    private const int Passes = 1000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

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

        // In turns, so that each is compiled with what the others have shown about the types in use.
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < WarmUp)
        {
            Read(cache, keys);
            Read((HybridCache)cache, keys);
            Read(bare, keys);
            Read(memory, keys);
        }

        Task<double> Ours() => Timed(() => Read(cache, keys));
        await run.CompareAsync(
            "L1 hit over ConcurrentDictionary with an expiry check",
            "ns",
            1.7,
            Direction.Max,
            Ours,
            () => Timed(() => Read(bare, keys)),
            rounds: 15);
        await run.CompareAsync("L1 hit over MemoryCache", "ns", 1.0, Direction.Max, Ours, () => Timed(() => Read(memory, keys)));
        run.Note("The same hit through the framework's HybridCache type: "
            + $"{BenchmarkRun.Median(await RepeatAsync(() => Timed(() => Read((HybridCache)cache, keys)))):F1} ns");

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Passes; i++)
            Read(cache, keys);
        run.Record(
            "L1 hit allocation",
            "B",
            Math.Floor((GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Passes * Keys)),
            0,
            Direction.Max);
    }

    private static Task<double> Timed(Action pass) => Task.FromResult(BenchmarkRun.NanosecondsPerOperation(Passes * Keys, () =>
    {
        for (var i = 0; i < Passes; i++)
            pass();
    }));

    private static async Task<double[]> RepeatAsync(Func<Task<double>> measure)
    {
        var values = new double[7];
        for (var i = 0; i < values.Length; i++)
            values[i] = await measure();
        return values;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Read(DataCache cache, string[] keys)
    {
        foreach (var key in keys)
        {
            var hit = cache.GetOrCreateAsync(
                key,
                0,
                static (_, _) => new ValueTask<string>("Not a hit."),
                cancellationToken: CancellationToken.None);
            Consume(hit.IsCompletedSuccessfully ? hit.Result : throw new InvalidOperationException("A hit must complete at once."));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Read(HybridCache cache, string[] keys)
    {
        foreach (var key in keys)
        {
            var hit = cache.GetOrCreateAsync(key, 0, static (_, _) => new ValueTask<string>("Not a hit."));
            Consume(hit.IsCompletedSuccessfully ? hit.Result : throw new InvalidOperationException("A hit must complete at once."));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Read(ConcurrentDictionary<string, (string Value, long Until)> bare, string[] keys)
    {
        foreach (var key in keys)
        {
            if (!bare.TryGetValue(key, out var entry) || Environment.TickCount64 >= entry.Until)
                throw new InvalidOperationException("Not a hit.");
            Consume(entry.Value);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Read(MemoryCache memory, string[] keys)
    {
        foreach (var key in keys)
        {
            if (!memory.TryGetValue(key, out string? value))
                throw new InvalidOperationException("Not a hit.");
            Consume(value!);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Consume(string value) => _ = value;
}
