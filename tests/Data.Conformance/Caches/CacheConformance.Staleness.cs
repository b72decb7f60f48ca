using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Conformance.Caches;

public abstract partial class CacheConformance
{
    [Fact]
    public async Task GetOrCreateAsync_FactoryFailsWithinMaxStale_ServesTheStaleValue()
    {
        var options = new DataCacheEntryOptions { Expiration = TimeSpan.FromMilliseconds(50), MaxStale = TimeSpan.FromMinutes(1) };
        await Cache.GetOrCreateAsync("failsafe", (_, _) => ValueTask.FromResult("old"), options, cancellationToken: Cancellation);
        await Task.Delay(150, Cancellation);

        (await Cache.GetOrCreateAsync<string>("failsafe", (context, _) =>
        {
            context.HasStaleValue.ShouldBeTrue();
            throw new InvalidOperationException("source down");
        }, options, cancellationToken: Cancellation)).ShouldBe("old");
    }

    [Fact]
    public async Task GetOrCreateAsync_FactorySlowerThanSoftTimeout_ServesStaleNowAndFreshLater()
    {
        var options = new DataCacheEntryOptions
        {
            Expiration = TimeSpan.FromSeconds(30),
            MaxStale = TimeSpan.FromMinutes(1),
            FactorySoftTimeout = TimeSpan.FromMilliseconds(50),
        };
        await Cache.SetAsync("slow", "old", options with { Expiration = TimeSpan.FromMilliseconds(30) }, cancellationToken: Cancellation);
        await Task.Delay(120, Cancellation);
        var gate = new TaskCompletionSource();

        (await Cache.GetOrCreateAsync("slow", async (_, _) =>
        {
            await gate.Task;
            return "new";
        }, options, cancellationToken: Cancellation)).ShouldBe("old");
        gate.SetResult();
        await Eventually.BeAsync(async () => (await Cache.TryGetAsync<string>("slow", Cancellation)).Value == "new");
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryExceedsHardTimeout_ThrowsTimeout()
    {
        var options = new DataCacheEntryOptions { FactoryHardTimeout = TimeSpan.FromMilliseconds(50) };
        await Should.ThrowAsync<TimeoutException>(async () => await Cache.GetOrCreateAsync("hangs", async (_, _) =>
        {
            await new TaskCompletionSource().Task;
            return 1;
        }, options, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetOrCreateAsync_PastTheEagerThreshold_RefreshesOnceInTheBackground()
    {
        var options = new DataCacheEntryOptions { Expiration = TimeSpan.FromSeconds(5), EagerRefreshThreshold = 0.02 };
        var runs = 0;
        ValueTask<int> Factory(CacheFactoryContext context, CancellationToken token) =>
            ValueTask.FromResult(Interlocked.Increment(ref runs));
        await Cache.GetOrCreateAsync("eager", Factory, options, cancellationToken: Cancellation);
        await Task.Delay(250, Cancellation);

        var values = new List<int>();
        for (var i = 0; i < 5; i++)
            values.Add(await Cache.GetOrCreateAsync("eager", Factory, options, cancellationToken: Cancellation));
        values[0].ShouldBe(1);
        await Eventually.BeAsync(async () => (await Cache.TryGetAsync<int>("eager", Cancellation)).Value == 2);
    }
}
