using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Data.Cache;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;

namespace Data.Benchmarks.Cache;

/// <summary>Passes over the keys of one hot set, each of them a hit. Every contender is a method of the same shape.</summary>
public class L1Hit
{
    private const int KeyCount = 1000;
    private readonly string[] _keys = [.. Enumerable.Range(0, KeyCount).Select(static i => $"provider_config:{i}")];
    private readonly ConcurrentDictionary<string, (string Value, long Until)> _bare = new(StringComparer.Ordinal);
    private readonly MemoryCache _memory = new(new MemoryCacheOptions());
    private readonly DataCache _cache = DataCacheFactory.Create(new DataCacheOptions());
    private DataCache _tenant = null!;

    /// <summary>Fills every contender.</summary>
    [GlobalSetup]
    public async Task FillAsync()
    {
        _tenant = _cache.ForTenant("tenant");
        foreach (var key in _keys)
        {
            await _cache.SetAsync(key, key);
            await _tenant.SetAsync(key, key);
            _bare[key] = (key, Environment.TickCount64 + 600_000);
            _memory.Set(key, key, TimeSpan.FromMinutes(10));
        }
    }

    /// <summary>A dictionary with an expiry check.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = KeyCount)]
    public void Dictionary()
    {
        foreach (var key in _keys)
        {
            if (!_bare.TryGetValue(key, out var entry) || Environment.TickCount64 >= entry.Until)
                throw new InvalidOperationException("Not a hit.");
            Consume(entry.Value);
        }
    }

    /// <summary>The package's own type.</summary>
    [Benchmark(OperationsPerInvoke = KeyCount)]
    public void Cache() => Read(_cache);

    /// <summary>A view of one tenant.</summary>
    [Benchmark(OperationsPerInvoke = KeyCount)]
    public void TenantView() => Read(_tenant);

    /// <summary>The package through the framework's type.</summary>
    [Benchmark(OperationsPerInvoke = KeyCount)]
    public void FrameworkType()
    {
        HybridCache cache = _cache;
        foreach (var key in _keys)
        {
            var hit = cache.GetOrCreateAsync(key, 0, static (_, _) => new ValueTask<string>("Not a hit."));
            Consume(hit.IsCompletedSuccessfully ? hit.Result : throw new InvalidOperationException("A hit must complete at once."));
        }
    }

    /// <summary>The framework's cache of one process.</summary>
    [Benchmark(OperationsPerInvoke = KeyCount)]
    public void Memory()
    {
        foreach (var key in _keys)
        {
            if (!_memory.TryGetValue(key, out string? value))
                throw new InvalidOperationException("Not a hit.");
            Consume(value!);
        }
    }

    private void Read(DataCache cache)
    {
        foreach (var key in _keys)
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
    private static void Consume(string value) => _ = value;
}
