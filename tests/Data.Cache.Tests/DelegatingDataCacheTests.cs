namespace Data.Cache.Tests;

public sealed class DelegatingDataCacheTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Decorator_OfOneMethod_ForwardsTheOthers()
    {
        var inner = DataCacheFactory.Create(new DataCacheOptions());
        var cache = new CountingCache(inner);
        (await cache.GetOrCreateAsync("k", 7, static (state, _) => new ValueTask<int>(state), cancellationToken: Cancellation)).ShouldBe(7);
        await cache.SetManyAsync([KeyValuePair.Create("a", 1), KeyValuePair.Create("b", 2)], cancellationToken: Cancellation);
        (await cache.GetManyAsync<int>(["a", "k"], Cancellation)).Select(static result => result.Value).ShouldBe([1, 7]);
        await cache.RemoveAsync("a", Cancellation);
        await cache.RemoveByPatternAsync(KeyPattern.Literal("b"), cancellationToken: Cancellation);
        await cache.ForTenant("t").SetAsync("k", 8, cancellationToken: Cancellation);

        cache.Removals.ShouldBe(1);
        (await inner.GetManyAsync<int>(["a", "b", "k"], Cancellation)).Select(static result => result.Found).ShouldBe([false, false, true]);
        cache.GetStatistics().LocalEntries.ShouldBe(2);
    }

    private sealed class CountingCache(DataCache inner) : DelegatingDataCache
    {
        public int Removals { get; private set; }

        protected override DataCache Inner => inner;

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
        {
            Removals++;
            return base.RemoveAsync(key, cancellationToken);
        }
    }
}
