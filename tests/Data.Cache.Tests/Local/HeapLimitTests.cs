using System.ComponentModel;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Cache.Tests.Local;

/// <summary>What the local level holds on the heap, against its limit. Nothing else may allocate meanwhile.</summary>
[CollectionDefinition(nameof(HeapLimitTests), DisableParallelization = true)]
public sealed class HeapCollection;

[Collection(nameof(HeapLimitTests))]
public sealed class HeapLimitTests
{
    private const long Limit = 16L * 1024 * 1024;

    [Fact]
    public Task Bytes_Strings_KeepTheHeapWithinTheLimit() => FillAsync(static i => new string((char)('a' + (i % 26)), 4096));

    [Fact]
    public Task Bytes_ShortStrings_KeepTheHeapWithinTheLimit() => FillAsync(static i => "value " + i);

    [Fact]
    public Task Bytes_Arrays_KeepTheHeapWithinTheLimit() => FillAsync(static i => new byte[1000]);

    [Fact]
    public Task Bytes_Tags_KeepTheHeapWithinTheLimit() => FillAsync(
        static i => i,
        static i => [.. Enumerable.Range(0, 8).Select(tag => $"tag number {tag} of {i}")]);

    [Fact]
    public Task Bytes_ImmutableGraphs_KeepTheHeapWithinTheLimit() => FillAsync(Graph.Of);

    [Fact]
    public Task Bytes_GraphsWithASizer_KeepTheHeapWithinTheLimit() =>
        FillAsync(Graph.Of, configure: static builder => builder.AddSizer<Graph>(static graph => 100 + (graph.Parts.Length * 96L)));

    [Fact]
    public async Task AddSizer_ValueThatItCounts_IsNeitherSerializedNorCopied()
    {
        var services = new ServiceCollection();
        services.AddDataCache(static options => options.LocalSizeLimitBytes = Limit).AddSizer<Part>(static _ => 5000);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();
        var value = new Part("p", 1);

        await cache.SetAsync("k", value, cancellationToken: TestContext.Current.CancellationToken);
        (await cache.TryGetAsync<Part>("k", TestContext.Current.CancellationToken)).Value.ShouldBeSameAs(value);
        cache.GetStatistics().LocalBytes.ShouldBeInRange(5000, 5600);
    }

    private static async Task FillAsync<T>(
        Func<int, T> value,
        Func<int, string[]>? tags = null,
        Action<DataCacheBuilder>? configure = null)
    {
        var services = new ServiceCollection();
        var builder = services.AddDataCache(static options => options.LocalSizeLimitBytes = Limit);
        configure?.Invoke(builder);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();
        await cache.SetAsync("first", value(0), cancellationToken: TestContext.Current.CancellationToken);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var evicted = cache.GetStatistics().Evictions + 3000;
        for (var i = 0; cache.GetStatistics().Evictions < evicted; i++)
            await cache.SetAsync($"key:{i}", value(i), tags: tags?.Invoke(i), cancellationToken: TestContext.Current.CancellationToken);

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        held.ShouldBeLessThan((long)(1.3 * Limit));
        cache.GetStatistics().LocalBytes.ShouldBeInRange(Limit * 9 / 10, Limit);
        // An estimate far above the truth would waste what the operator granted.
        held.ShouldBeGreaterThan(Limit / 3);
    }

    [ImmutableObject(true)]
    public sealed record Part(string Name, int Number);

    [ImmutableObject(true)]
    public sealed record Graph(Part[] Parts)
    {
        public static Graph Of(int i) => new([.. Enumerable.Range(i, 20).Select(static n => new Part("part " + n, n))]);
    }
}
