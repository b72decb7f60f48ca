using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Cache.Tests.Engine;

public sealed class DefaultOptionsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DefaultFlags_CallWithoutFlags_AreApplied()
    {
        var cache = Create(options => options.DefaultFlags = HybridCacheEntryFlags.DisableLocalCache);
        var runs = 0;
        for (var i = 0; i < 2; i++)
            await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(++runs), cancellationToken: Cancellation);
        var none = new HybridCacheEntryOptions();
        await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(++runs), none, cancellationToken: Cancellation);
        await cache.SetAsync("k", 1, cancellationToken: Cancellation);
        (await cache.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
        runs.ShouldBe(3);
        cache.GetStatistics().LocalEntries.ShouldBe(0);
    }

    [Fact]
    public async Task DefaultFlags_CallWithFlags_AreReplaced()
    {
        var cache = Create(options => options.DefaultFlags = HybridCacheEntryFlags.DisableLocalCacheRead);
        var own = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.None };
        await cache.SetAsync("k", 1, cancellationToken: Cancellation);
        (await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2), own, cancellationToken: Cancellation)).ShouldBe(1);
        (await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2), cancellationToken: Cancellation)).ShouldBe(2);
        (await cache.ForTenant("t").GetOrCreateAsync("k", _ => ValueTask.FromResult(3), cancellationToken: Cancellation)).ShouldBe(3);
        (await cache.ForTenant("t").GetOrCreateAsync("k", _ => ValueTask.FromResult(4), cancellationToken: Cancellation)).ShouldBe(4);
    }

    [Fact]
    public async Task DefaultFlags_ConcurrentCallersWithAndWithoutTheSameFlags_ShareOneRun()
    {
        var cache = Create(options => options.DefaultFlags = HybridCacheEntryFlags.DisableCompression);
        var same = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableCompression };
        var finish = new TaskCompletionSource<int>();
        var runs = 0;
        async ValueTask<int> RunAsync(CancellationToken token)
        {
            Interlocked.Increment(ref runs);
            return await finish.Task;
        }

        var first = cache.GetOrCreateAsync("k", RunAsync, cancellationToken: Cancellation).AsTask();
        var second = cache.GetOrCreateAsync("k", RunAsync, same, cancellationToken: Cancellation).AsTask();
        finish.SetResult(7);
        (await first + await second).ShouldBe(14);
        runs.ShouldBe(1);
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.None, HybridCacheEntryFlags.DisableLocalCacheWrite)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite, HybridCacheEntryFlags.None)]
    public async Task DefaultFlags_ConcurrentCallersUnderOtherFlags_RunTheirOwn(HybridCacheEntryFlags defaults, HybridCacheEntryFlags other)
    {
        var cache = Create(options => options.DefaultFlags = defaults);
        var finish = new TaskCompletionSource<int>();
        var runs = 0;
        async ValueTask<int> RunAsync(CancellationToken token)
        {
            Interlocked.Increment(ref runs);
            return await finish.Task;
        }

        var given = new HybridCacheEntryOptions { Flags = other };
        var own = new DataCacheEntryOptions { Flags = other };
        Task<int>[] calls =
        [
            cache.GetOrCreateAsync("k", RunAsync, given, cancellationToken: Cancellation).AsTask(),
            cache.GetOrCreateAsync("k", RunAsync, cancellationToken: Cancellation).AsTask(),
            cache.GetOrCreateAsync(
                "k", 0, (_, _, token) => RunAsync(token), new DataCacheEntryOptions(), cancellationToken: Cancellation).AsTask(),
            cache.GetOrCreateAsync("k", 0, (_, _, token) => RunAsync(token), own, cancellationToken: Cancellation).AsTask(),
        ];
        await Eventually.BeAsync(() => Volatile.Read(ref runs) >= 2);
        finish.SetResult(7);
        (await Task.WhenAll(calls)).ShouldAllBe(static value => value == 7);
        runs.ShouldBe(2);
    }

    [Theory]
    [InlineData(8, 8, true)]
    [InlineData(8, 9, false)]
    [InlineData(1024, 1025, false)]
    [InlineData(8192, 8192, true)]
    public async Task MaximumKeyLength_KeyOfThisLength_IsCachedUpToIt(int limit, int length, bool cached)
    {
        var cache = Create(options => options.MaximumKeyLength = limit);
        var key = new string('k', length);
        await cache.SetAsync(key, 1, cancellationToken: Cancellation);
        (await cache.TryGetAsync<int>(key, Cancellation)).Found.ShouldBe(cached);
        (await cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(2), cancellationToken: Cancellation)).ShouldBe(cached ? 1 : 2);
        await cache.RemoveAsync(key, Cancellation);
        (await cache.TryGetAsync<int>(key, Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public void Create_FlagsOrLengthOutOfRange_SaysWhatWouldBeRight()
    {
        var failure = Should.Throw<OptionsValidationException>(() => Create(options =>
        {
            options.DefaultFlags = (HybridCacheEntryFlags)4096;
            options.MaximumKeyLength = 8193;
        })).Message;
        failure.ShouldContain("DefaultFlags must be flags of HybridCacheEntryFlags, not 4096");
        failure.ShouldContain("MaximumKeyLength must be 1 to 8,192, not 8193");
    }

    [Fact]
    public async Task DefaultFlags_FromASection_AreBound()
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>("Cache:DefaultFlags", "DisableLocalCache")]).Build();
        var services = new ServiceCollection();
        services.AddDataCache(section.GetSection("Cache"));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<DataCache>().SetAsync("k", 1, cancellationToken: Cancellation);
        provider.GetRequiredService<DataCache>().GetStatistics().LocalEntries.ShouldBe(0);
    }

    private static DataCache Create(Action<DataCacheOptions> configure)
    {
        var options = new DataCacheOptions();
        configure(options);
        return DataCacheFactory.Create(options);
    }
}
