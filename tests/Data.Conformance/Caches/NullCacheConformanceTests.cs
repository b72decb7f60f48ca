using Data.Cache;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Conformance.Caches;

/// <summary>The null object has a contract of its own: everything works and nothing stays.</summary>
public sealed class NullCacheConformanceTests
{
    private static readonly DataCache Cache = NullCache.Instance;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetOrCreateAsync_EveryOverload_RunsTheFactoryEveryTime()
    {
        var runs = 0;
        ValueTask<int> Count() => ValueTask.FromResult(++runs);
        await Cache.SetAsync("k", -1, cancellationToken: Cancellation);
        (await Cache.GetOrCreateAsync("k", _ => Count(), cancellationToken: Cancellation)).ShouldBe(1);
        (await Cache.GetOrCreateAsync("k", 0, (_, _) => Count(), cancellationToken: Cancellation)).ShouldBe(2);
        (await Cache.GetOrCreateAsync("k".AsSpan(), _ => Count(), cancellationToken: Cancellation)).ShouldBe(3);
        (await Cache.GetOrCreateAsync("k", (_, _) => Count(), cancellationToken: Cancellation)).ShouldBe(4);
        (await Cache.GetOrCreateAsync("k", 0, (_, _, _) => Count(), cancellationToken: Cancellation)).ShouldBe(5);
    }

    [Fact]
    public async Task GetOrCreateAsync_DisableUnderlyingData_ReturnsTheDefault()
    {
        var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        (await Cache.GetOrCreateAsync<string?>(
            "k",
            _ => throw new InvalidOperationException("must not run"),
            options,
            cancellationToken: Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Reads_AfterWrites_FindNothing()
    {
        await Cache.SetAsync("k", 1, new DataCacheEntryOptions(), cancellationToken: Cancellation);
        await Cache.SetManyAsync<int>([new("k", 1)], cancellationToken: Cancellation);
        (await Cache.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
        (await Cache.GetManyAsync<int>(["k", "l"], Cancellation)).ShouldBe([default, default]);
    }

    [Fact]
    public async Task Removals_OfAnything_Succeed()
    {
        await Cache.RemoveAsync("k", Cancellation);
        await Cache.RemoveAsync(["k", "l"], Cancellation);
        await Cache.RemoveByTagAsync("t", Cancellation);
        await Cache.RemoveByTagAsync(["t", "*"], Cancellation);
        (await Cache.RemoveByPatternAsync(KeyPattern.All, cancellationToken: Cancellation)).Count.ShouldBe(0);
    }

    [Fact]
    public async Task WarmUpAsync_Keys_RunsTheFactories() =>
        (await Cache.WarmUpAsync(["a", "b"], (key, _) => ValueTask.FromResult(key), cancellationToken: Cancellation)).ShouldBe(
            new WarmUpResult(2, 0));

    [Fact]
    public void ForTenant_AnyName_IsTheSameNothing()
    {
        Cache.ForTenant("t").ShouldBeSameAs(Cache);
        Cache.ForNamespace("n").ShouldBeSameAs(Cache);
        Cache.GetStatistics().Link.ShouldBe(CacheLinkState.None);
    }
}
