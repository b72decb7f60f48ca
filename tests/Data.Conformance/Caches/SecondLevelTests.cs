using System.Collections.Concurrent;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Conformance.Caches;

/// <summary>A distributed cache as second level behaves as a cache in everything but removal by pattern.</summary>
public sealed class DistributedSecondLevelConformanceTests : CacheConformance
{
    protected override Task<DataCache> CreateAsync() => Task.FromResult(SecondLevel.Create(SecondLevel.Memory()));
}

/// <summary>What a distributed cache as second level shares between nodes, and what it does not.</summary>
public sealed class SecondLevelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetOrCreateAsync_ValueOfAnotherNode_IsReadFromTheSecondLevel()
    {
        var second = SecondLevel.Memory();
        var one = SecondLevel.Create(second);
        var two = SecondLevel.Create(second);
        await one.ForTenant("t").SetAsync("k", new List<int> { 1 }, tags: ["tag"], cancellationToken: Cancellation);
        (await two.ForTenant("t").TryGetAsync<List<int>>("k", Cancellation)).Value.ShouldBe([1]);
        (await two.TryGetAsync<List<int>>("k", Cancellation)).Found.ShouldBeFalse();
        two.GetStatistics().RemoteHits.ShouldBe(1);
        two.GetStatistics().Link.ShouldBe(CacheLinkState.Connected);
        await one.ForTenant("t").RemoveAsync("k", Cancellation);
        (await SecondLevel.Create(second).ForTenant("t").TryGetAsync<List<int>>("k", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task RemoveByTagAsync_TagOrEverything_HoldsOnThisNodeForValuesOfEveryNode()
    {
        var second = SecondLevel.Memory();
        var one = SecondLevel.Create(second);
        var two = SecondLevel.Create(second);
        foreach (var tag in new[] { "tag", "*" })
        {
            await two.SetAsync("k", 1, tags: ["tag"], cancellationToken: Cancellation);
            (await one.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeTrue();
            await one.RemoveByTagAsync(tag, Cancellation);
            (await one.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
            await Task.Delay(5, Cancellation);

            // A later value of another node is newer than the removal.
            await two.SetAsync("k", 2, tags: ["tag"], cancellationToken: Cancellation);
            (await one.TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(2);
            await one.RemoveAsync("k", Cancellation);
        }
    }

    [Fact]
    public async Task RemoveByPatternAsync_DistributedSecondLevel_SaysThatItCannot() =>
        (await Should.ThrowAsync<NotSupportedException>(async () =>
            await SecondLevel.Create(SecondLevel.Memory()).RemoveByPatternAsync(KeyPattern.All, cancellationToken: Cancellation)))
        .Message.ShouldContain("Remove by tag");

    [Fact]
    public async Task RemoveAsync_SecondLevelFails_IsNotServedAndRemovedOnceItAnswers()
    {
        var second = new FailingCache();
        var cache = SecondLevel.Create(second);
        await cache.SetAsync("k", 1, cancellationToken: Cancellation);
        await cache.SetAsync("other", 1, cancellationToken: Cancellation);
        second.Fails = true;
        await cache.RemoveAsync("k", Cancellation);
        await cache.SetAsync("other", 2, cancellationToken: Cancellation);
        second.Fails = false;
        cache.GetStatistics().ReplayQueueCount.ShouldBe(2);
        (await cache.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
        (await cache.TryGetAsync<int>("other", Cancellation)).Value.ShouldBe(2);
        await Eventually.BeAsync(() => cache.GetStatistics().ReplayQueueCount == 0);
        (await SecondLevel.Create(second).TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
        (await SecondLevel.Create(second).TryGetAsync<int>("other", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task RemoveAsync_MoreFailuresThanAreKept_NothingOlderIsServed()
    {
        var second = new FailingCache();
        var cache = SecondLevel.Create(second, options => (options.ReplayQueueLimit, options.BreakerMinimumThroughput) = (2, 1000));
        for (var i = 0; i < 4; i++)
            await cache.SetAsync("k" + i, 1, cancellationToken: Cancellation);
        second.Fails = true;
        for (var i = 0; i < 3; i++)
            await cache.RemoveAsync("k" + i, Cancellation);
        second.Fails = false;
        (await cache.GetManyAsync<int>(["k0", "k1", "k2"], Cancellation)).ShouldAllBe(static result => !result.Found);
    }

    [Theory]
    [InlineData(OutageMode.Local)]
    [InlineData(OutageMode.Strict)]
    [InlineData(OutageMode.NoOp)]
    public async Task Calls_SecondLevelHangs_EndInTimeAndRecover(OutageMode mode)
    {
        var second = new FailingCache();
        var cache = SecondLevel.Create(second, options =>
        {
            options.OutageMode = mode;
            options.RemoteSoftTimeout = options.RemoteHardTimeout = TimeSpan.FromMilliseconds(100);
            options.BreakDuration = TimeSpan.FromMilliseconds(500);
        });
        second.Hangs = true;
        for (var i = 0; i < 6; i++)
        {
            var call = cache.GetOrCreateAsync("k" + i, _ => ValueTask.FromResult(7), cancellationToken: Cancellation);
            if (mode == OutageMode.Strict)
                await Should.ThrowAsync<CacheUnavailableException>(async () => await call);
            else
                (await call).ShouldBe(7);
        }

        cache.GetStatistics().Link.ShouldBe(CacheLinkState.Disconnected);
        cache.GetStatistics().LinkFault.ShouldNotBeNull();
        second.Hangs = false;
        var calls = 0;
        await Eventually.BeAsync(async () =>
        {
            try
            {
                await cache.GetOrCreateAsync("back" + ++calls, _ => ValueTask.FromResult(7), cancellationToken: Cancellation);
            }
            catch (CacheUnavailableException) when (mode == OutageMode.Strict)
            {
                // The break is not over.
            }

            return cache.GetStatistics().Link == CacheLinkState.Connected;
        });
    }

    [Theory]
    [InlineData(OutageMode.Local, true)]
    [InlineData(OutageMode.NoOp, true)]
    [InlineData(OutageMode.Strict, false)]
    public async Task GetOrCreateAsync_SecondLevelSlowToStore_CallersHaveTheValueUnlessStrict(OutageMode mode, bool isEarly)
    {
        var second = new FailingCache();
        var seen = new Events();
        var services = new ServiceCollection();
        services.AddSingleton<IDistributedCache>(second);
        services.AddSingleton<ICacheObserver>(seen);
        services.AddDataCache(options => (options.OutageMode, options.RemoteHardTimeout) = (mode, TimeSpan.FromSeconds(30)))
            .UseDistributedCache();
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();
        var storing = second.HoldNextSet();
        var call = cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: Cancellation).AsTask();
        await storing.Started;
        if (isEarly)
        {
            (await call.WaitAsync(TimeSpan.FromSeconds(10), Cancellation)).ShouldBe(1);
            cache.GetStatistics().LocalEntries.ShouldBe(0);
        }
        else
        {
            await Task.Delay(500, Cancellation);
            call.IsCompleted.ShouldBeFalse();
        }

        // Whoever asks before the value is stored shares it.
        var other = cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2), cancellationToken: Cancellation).AsTask();
        if (isEarly)
            (await other.WaitAsync(TimeSpan.FromSeconds(10), Cancellation)).ShouldBe(1);
        seen.Kinds.Count(static kind => kind == CacheEventKind.LocalHit).ShouldBe(isEarly ? 1 : 0);
        storing.Release();
        (await call + await other).ShouldBe(2);
        await Eventually.BeAsync(() => cache.GetStatistics().LocalEntries == 1);
        (await SecondLevel.Create(second).TryGetAsync<int>("k", Cancellation)).Found.ShouldBe(true);
    }

    [Fact]
    public async Task RemoveAsync_WhileAFactoryStores_LeavesNothingInTheSecondLevel()
    {
        var second = new FailingCache();
        var cache = SecondLevel.Create(second);
        var storing = second.HoldNextSet();
        var call = cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: Cancellation).AsTask();
        await storing.Started;
        await cache.RemoveAsync("k", Cancellation);
        storing.Release();
        (await call).ShouldBe(1);
        await Eventually.BeAsync(async () => !(await SecondLevel.Create(second).TryGetAsync<int>("k", Cancellation)).Found);
        (await cache.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task AsDistributedCache_SlidingEntryUsedOnOneNode_LivesOnInTheSecondLevel()
    {
        var services = new ServiceCollection();
        services.AddDistributedMemoryCache();
        foreach (var node in new[] { "one", "two" })
            services.AddKeyedDataCache(node, static options => options.KeyPrefix = "shared").UseDistributedCache().AsDistributedCache();
        await using var provider = services.BuildServiceProvider();
        var one = provider.GetRequiredKeyedService<IDistributedCache>("one");
        await one.SetStringAsync("k", "v", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(3) }, Cancellation);
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            (await one.GetStringAsync("k", Cancellation)).ShouldBe("v");
        }

        (await provider.GetRequiredKeyedService<IDistributedCache>("two").GetStringAsync("k", Cancellation)).ShouldBe("v");
    }

    [Fact]
    public async Task UseDistributedCache_OwnRegistration_IsNeverTaken()
    {
        var services = new ServiceCollection();
        services.AddDistributedMemoryCache();
        services.AddDataCache().UseDistributedCache().AsDistributedCache();
        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
        await provider.GetRequiredService<DataCache>().SetAsync("k", 1, cancellationToken: Cancellation);
        var memory = provider.GetServices<IDistributedCache>().OfType<MemoryDistributedCache>().Single();
        (await memory.GetAsync("dc:v::k", Cancellation)).ShouldNotBeNull();
        provider.GetRequiredService<IDistributedCache>().ShouldNotBeOfType<MemoryDistributedCache>();
    }

    [Fact]
    public async Task UseDistributedCache_NothingButItself_FailsAtStart()
    {
        var services = new ServiceCollection();
        services.AddDataCache().UseDistributedCache().AsDistributedCache();
        await using var provider = services.BuildServiceProvider();
        Should.Throw<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate).Message
            .ShouldContain("found no IDistributedCache among the services other than the cache itself");

        var both = new DataCacheOptions { Configuration = "redis:6379" };
        both.UseDistributedCache(SecondLevel.Memory());
        Should.Throw<OptionsValidationException>(() => DataCacheFactory.Create(both)).Message.ShouldContain("both name a second level");
    }

    [Fact]
    public async Task UseDistributedCache_AnotherCacheOfThePackage_IsALevelBelow()
    {
        var services = new ServiceCollection();
        services.AddKeyedDataCache("below", options => options.KeyPrefix = "below").AsDistributedCache();
        services.AddDataCache().UseDistributedCache("below");
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<DataCache>().SetAsync("k", 1, cancellationToken: Cancellation);
        provider.GetRequiredKeyedService<DataCache>("below").GetStatistics().LocalEntries.ShouldBe(1);
    }
}

internal static class SecondLevel
{
    public static IDistributedCache Memory() => new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

    public static DataCache Create(IDistributedCache second, Action<DataCacheOptions>? configure = null)
    {
        var options = new DataCacheOptions();
        configure?.Invoke(options);
        options.UseDistributedCache(second);
        return DataCacheFactory.Create(options);
    }
}

/// <summary>The kinds of the events that a cache has raised.</summary>
internal sealed class Events : ICacheObserver
{
    public ConcurrentQueue<CacheEventKind> Kinds { get; } = new();

    public void OnEvent(in CacheEvent cacheEvent) => Kinds.Enqueue(cacheEvent.Kind);
}

/// <summary>A distributed cache that fails, hangs or waits on demand.</summary>
internal sealed class FailingCache : IDistributedCache
{
    private readonly IDistributedCache _inner = SecondLevel.Memory();
    private Held? _held;

    public bool Fails { get; set; }

    public bool Hangs { get; set; }

    public Held HoldNextSet() => _held = new Held();

    public byte[]? Get(string key) => throw new NotSupportedException();

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await PassAsync();
        return await _inner.GetAsync(key, token);
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await PassAsync();
        if (Interlocked.Exchange(ref _held, null) is { } held)
            await held.WaitAsync();
        await _inner.SetAsync(key, value, options, token);
    }

    public void Refresh(string key) => throw new NotSupportedException();

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        await PassAsync();
        await _inner.RefreshAsync(key, token);
    }

    public void Remove(string key) => throw new NotSupportedException();

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await PassAsync();
        await _inner.RemoveAsync(key, token);
    }

    // Without regard to its token, as a client that hangs.
    private Task PassAsync() => Hangs
        ? new TaskCompletionSource().Task
        : Fails ? Task.FromException(new IOException("host:1234")) : Task.CompletedTask;

    internal sealed class Held
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task;

        public void Release() => _released.SetResult();

        public Task WaitAsync()
        {
            _started.SetResult();
            return _released.Task;
        }
    }
}
