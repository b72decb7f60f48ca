using System.Buffers;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Conformance.Caches;

/// <summary>What users of <see cref="IDistributedCache"/> rely on, held by the framework's own implementation too.</summary>
public abstract class DistributedCacheConformance : IAsyncLifetime
{
    private IDistributedCache? _cache;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected IDistributedCache Cache => _cache!;

    protected abstract Task<IDistributedCache> CreateAsync();

    public async ValueTask InitializeAsync() => _cache = await CreateAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task Get_AfterSet_ReturnsTheBytes(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        (await Cache.GetAsync("k", Cancellation)).ShouldBeNull();
        Cache.Get("k").ShouldBeNull();
        await Cache.SetAsync("k", bytes, new DistributedCacheEntryOptions(), Cancellation);
        (await Cache.GetAsync("k", Cancellation)).ShouldBe(bytes);
        Cache.Get("k").ShouldBe(bytes);

        Cache.Set("k", [1, 2], new DistributedCacheEntryOptions());
        (await Cache.GetAsync("k", Cancellation)).ShouldBe([1, 2]);
        Cache.Remove("k");
        Cache.Get("k").ShouldBeNull();
        Cache.SetString("k", "again");
        Cache.Refresh("k");
        await Cache.RefreshAsync("absent", Cancellation);
        await Cache.RemoveAsync("k", Cancellation);
        Cache.GetString("k").ShouldBeNull();
    }

    [Fact]
    public async Task Get_AbsoluteExpirationHasPassed_FindsNothing()
    {
        var soon = TimeSpan.FromSeconds(1.5);
        var hour = TimeSpan.FromHours(1);
        await Cache.SetStringAsync("a", "v", new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = soon }, Cancellation);
        await Cache.SetStringAsync(
            "b",
            "v",
            new DistributedCacheEntryOptions { AbsoluteExpiration = DateTimeOffset.UtcNow + soon, SlidingExpiration = hour },
            Cancellation);
        (await Cache.GetStringAsync("a", Cancellation)).ShouldBe("v");
        (await Cache.GetStringAsync("b", Cancellation)).ShouldBe("v");
        await Eventually.BeAsync(async () =>
            await Cache.GetStringAsync("a", Cancellation) is null && await Cache.GetStringAsync("b", Cancellation) is null);
    }

    [Fact]
    public async Task Get_SlidingExpiration_LivesWhileItIsUsedAndNoLonger()
    {
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(3) };
        foreach (var key in new[] { "read", "refreshed", "unused" })
            await Cache.SetStringAsync(key, "v", sliding, Cancellation);
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            (await Cache.GetStringAsync("read", Cancellation)).ShouldBe("v");
            await Cache.RefreshAsync("refreshed", Cancellation);
        }

        (await Cache.GetStringAsync("refreshed", Cancellation)).ShouldBe("v");
        (await Cache.GetStringAsync("unused", Cancellation)).ShouldBeNull();
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation);
        (await Cache.GetStringAsync("read", Cancellation)).ShouldBeNull();
        (await Cache.GetStringAsync("refreshed", Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Get_SetAgainWithoutSlidingExpiration_IsNotCutByTheOldOne()
    {
        await Cache.SetStringAsync(
            "k",
            "old",
            new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(1) },
            Cancellation);
        (await Cache.GetStringAsync("k", Cancellation)).ShouldBe("old");
        await Cache.SetStringAsync("k", "new", new DistributedCacheEntryOptions(), Cancellation);
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancellation);
        (await Cache.GetStringAsync("k", Cancellation)).ShouldBe("new");
    }

    [Fact]
    public async Task Members_NullArguments_AreRefused()
    {
        await Should.ThrowAsync<ArgumentNullException>(() => Cache.GetAsync(null!, Cancellation));
        await Should.ThrowAsync<ArgumentNullException>(async () =>
            await Cache.SetAsync(null!, [], new DistributedCacheEntryOptions(), Cancellation));
        await Should.ThrowAsync<ArgumentNullException>(async () =>
            await Cache.SetAsync("k", null!, new DistributedCacheEntryOptions(), Cancellation));
        await Should.ThrowAsync<ArgumentNullException>(async () => await Cache.SetAsync("k", [], null!, Cancellation));
        Should.Throw<ArgumentNullException>(() => Cache.Remove(null!));
        Should.Throw<ArgumentNullException>(() => Cache.Refresh(null!));
    }
}

/// <summary>The framework's own, which says that the suite asks for nothing else.</summary>
public sealed class MemoryDistributedCacheConformanceTests : DistributedCacheConformance
{
    protected override Task<IDistributedCache> CreateAsync() =>
        Task.FromResult<IDistributedCache>(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())));
}

public abstract class CacheAsDistributedConformance : DistributedCacheConformance
{
    private ServiceProvider? _provider;

    [Fact]
    public async Task TryGet_OverABuffer_WritesTheBytes()
    {
        var buffered = Cache.ShouldBeAssignableTo<IBufferDistributedCache>()!;
        var sequence = new ReadOnlySequence<byte>([1, 2, 3]);
        buffered.Set("k", sequence.Slice(1), new DistributedCacheEntryOptions());
        var target = new ArrayBufferWriter<byte>();
        buffered.TryGet("k", target).ShouldBeTrue();
        target.WrittenSpan.ToArray().ShouldBe([2, 3]);
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1) };
        await buffered.SetAsync("k", sequence, sliding, Cancellation);
        (await buffered.TryGetAsync("k", target, Cancellation)).ShouldBeTrue();
        target.WrittenSpan.ToArray().ShouldBe([2, 3, 1, 2, 3]);
        (await buffered.TryGetAsync("absent", target, Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public void Set_AbsoluteExpirationInThePast_IsRefused() => Should.Throw<ArgumentOutOfRangeException>(() => Cache.SetString(
        "k",
        "v",
        new DistributedCacheEntryOptions { AbsoluteExpiration = DateTimeOffset.UtcNow.AddMinutes(-1) }));

    public override async ValueTask DisposeAsync()
    {
        await _provider!.DisposeAsync();
        await base.DisposeAsync();
    }

    protected IDistributedCache Build(Action<IServiceCollection> register, Action<IServiceProvider>? use = null)
    {
        var services = new ServiceCollection();
        register(services);
        _provider = services.BuildServiceProvider();
        use?.Invoke(_provider);
        return _provider.GetRequiredService<IDistributedCache>();
    }
}

public sealed class LocalCacheAsDistributedConformanceTests : CacheAsDistributedConformance
{
    protected override Task<IDistributedCache> CreateAsync() =>
        Task.FromResult(Build(static services => services.AddDataCache().AsDistributedCache()));
}

public sealed class RedisCacheAsDistributedConformanceTests : CacheAsDistributedConformance
{
    protected override async Task<IDistributedCache> CreateAsync()
    {
        var redis = await SharedServers.RedisAsync();
        DataCache? cache = null;
        var distributed = Build(services => services.AddDataCache(options =>
        {
            options.Configuration = redis.ConnectionString;
            options.KeyPrefix = "d" + Guid.NewGuid().ToString("N")[..12];
            options.OutageMode = OutageMode.Strict;
        }).AsDistributedCache(), provider => cache = provider.GetRequiredService<DataCache>());
        await Eventually.BeAsync(() => cache!.GetStatistics().Link == CacheLinkState.Connected);
        return distributed;
    }
}

/// <summary>A local level over another distributed cache, as a distributed cache.</summary>
public sealed class DistributedCacheAsDistributedConformanceTests : CacheAsDistributedConformance
{
    protected override Task<IDistributedCache> CreateAsync() => Task.FromResult(Build(static services =>
    {
        services.AddDistributedMemoryCache();
        services.AddDataCache(options => options.OutageMode = OutageMode.Strict).UseDistributedCache().AsDistributedCache();
    }));
}
