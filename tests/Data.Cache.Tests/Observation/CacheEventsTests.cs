using System.Collections.Concurrent;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Observation;

public sealed class CacheEventsTests
{
    private readonly Recorder _recorder = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnEvent_ReadsAndWritesInAScope_NamesKeyAndScopeAsTheCallerDoes()
    {
        await using var provider = Provider(_ => { });
        var cache = provider.GetRequiredService<DataCache>().ForTenant("a b").ForNamespace("n");
        await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: Cancellation);
        await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: Cancellation);
        await cache.SetAsync("k", 2, cancellationToken: Cancellation);
        await cache.RemoveAsync("k", Cancellation);
        await cache.RemoveByTagAsync("t", Cancellation);
        await cache.RemoveByPatternAsync(KeyPattern.Prefix("p"), new PatternRemovalOptions { DryRun = true }, Cancellation);
        await cache.RemoveByPatternAsync(KeyPattern.Prefix("p"), cancellationToken: Cancellation);

        _recorder.Take().ShouldBe(
        [
            new CacheEvent(CacheEventKind.Miss, "dc", "t=a%20b,n=n", "k", null),
            new CacheEvent(CacheEventKind.Set, "dc", "t=a%20b,n=n", "k", null),
            new CacheEvent(CacheEventKind.LocalHit, "dc", "t=a%20b,n=n", "k", null),
            new CacheEvent(CacheEventKind.Set, "dc", "t=a%20b,n=n", "k", null),
            new CacheEvent(CacheEventKind.Removed, "dc", "t=a%20b,n=n", "k", null),
            new CacheEvent(CacheEventKind.TagRemoved, "dc", "t=a%20b,n=n", "t", null),
            new CacheEvent(CacheEventKind.PatternRemoved, "dc", "t=a%20b,n=n", "p*", null),
        ]);
    }

    [Fact]
    public async Task OnEvent_FactoryFailsOrIsSlow_TellsWhichAndWhetherAStaleValueWasServed()
    {
        await using var provider = Provider(options => (options.MaxStale, options.ExpirationJitter) = (TimeSpan.FromHours(1), 0));
        var cache = provider.GetRequiredService<DataCache>();
        await cache.SetAsync("k", 1, cancellationToken: Cancellation);
        _time.Advance(TimeSpan.FromMinutes(6));
        var failure = new InvalidDataException();
        await cache.GetOrCreateAsync<int>("k", _ => throw failure, cancellationToken: Cancellation);
        var never = new TaskCompletionSource<int>();
        var timedOut = cache.GetOrCreateAsync("other", _ => new ValueTask<int>(never.Task), cancellationToken: Cancellation).AsTask();
        _time.Advance(TimeSpan.FromSeconds(30));
        await Should.ThrowAsync<TimeoutException>(timedOut);
        await Should.ThrowAsync<TimeoutException>(async () =>
            await cache.GetOrCreateAsync<int>("own", _ => throw new TimeoutException(), cancellationToken: Cancellation));

        var events = _recorder.Take();
        events.Select(static e => e.Kind).ShouldBe(
        [
            CacheEventKind.Set,
            CacheEventKind.Miss,
            CacheEventKind.FactoryFailed,
            CacheEventKind.FailSafeActivated,
            CacheEventKind.Miss,
            CacheEventKind.FactoryTimedOut,
            CacheEventKind.Miss,
            CacheEventKind.FactoryFailed,
        ]);
        events[2].Error.ShouldBeSameAs(failure);
    }

    [Fact]
    public async Task OnEvent_LocalLevelIsFull_NamesWhatWasEvictedOutsideOfItsLock()
    {
        await using var provider = Provider(options => options.LocalSizeLimitBytes = 10_000);
        var cache = provider.GetRequiredService<DataCache>();
        _recorder.OnEvicted = () => Task.Run(
            async () => await cache.SetAsync("handler", 1, cancellationToken: Cancellation),
            Cancellation).Wait(TimeSpan.FromSeconds(10), Cancellation).ShouldBeTrue();
        for (var i = 0; i < 40; i++)
            await cache.SetAsync("k" + i, new string('x', 200), cancellationToken: Cancellation);
        _recorder.Take().Count(static e => e is { Kind: CacheEventKind.Evicted, Name: ['k' or 'h', ..] })
            .ShouldBe((int)cache.GetStatistics().Evictions);
        cache.GetStatistics().Evictions.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task OnEvent_HandlerThrows_ChangesNothingForCallersAndOtherObservers()
    {
        var services = new ServiceCollection();
        services.AddDataCache().AddObserver<Thrower>();
        services.AddSingleton<ICacheObserver>(_recorder);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();
        (await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: Cancellation)).ShouldBe(1);
        (await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2), cancellationToken: Cancellation)).ShouldBe(1);
        await cache.RemoveAsync("k", Cancellation);
        _recorder.Take().Select(static e => e.Kind).ShouldBe(
            [CacheEventKind.Miss, CacheEventKind.Set, CacheEventKind.LocalHit, CacheEventKind.Removed]);
    }

    [Fact]
    public async Task OnEvent_RedisStopsAndReturns_TellsTheLinkAndRemoteHits()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var services = new ServiceCollection();
        services.AddKeyedDataCache("shared", options =>
        {
            options.Configuration = redis.ConnectionString;
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        });
        services.AddKeyedSingleton<ICacheObserver>("shared", _recorder);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredKeyedService<DataCache>("shared");
        await _recorder.SeesAsync(CacheEventKind.Connected);
        await cache.SetAsync("k", 1, cancellationToken: Cancellation);
        foreach (var flags in new[] { HybridCacheEntryFlags.DisableLocalCache, HybridCacheEntryFlags.DisableLocalCacheRead })
        {
            _recorder.Take();
            var options = new HybridCacheEntryOptions { Flags = flags };
            await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(2), options, cancellationToken: Cancellation);
            _recorder.Take().ShouldBe([new CacheEvent(CacheEventKind.RemoteHit, "dc", "", "k", null)]);
        }

        await redis.KillAsync();
        await _recorder.SeesAsync(CacheEventKind.Disconnected);
        await redis.StartAgainAsync();
        await _recorder.SeesAsync(CacheEventKind.Connected);
    }

    private ServiceProvider Provider(Action<DataCacheOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddDataCache(configure);
        services.AddSingleton<ICacheObserver>(_recorder);
        services.AddSingleton<TimeProvider>(_time);
        return services.BuildServiceProvider();
    }

    private sealed class Recorder : ICacheObserver
    {
        private readonly ConcurrentQueue<CacheEvent> _events = new();

        public Action? OnEvicted { get; set; }

        public void OnEvent(in CacheEvent cacheEvent)
        {
            _events.Enqueue(cacheEvent);
            if (cacheEvent is { Kind: CacheEventKind.Evicted, Name: not "handler" })
                OnEvicted?.Invoke();
        }

        public List<CacheEvent> Take()
        {
            var taken = new List<CacheEvent>();
            while (_events.TryDequeue(out var next))
                taken.Add(next);
            return taken;
        }

        public Task SeesAsync(CacheEventKind kind) => Eventually.BeAsync(() => Take().Exists(e => e.Kind == kind));
    }

    private sealed class Thrower : ICacheObserver
    {
        public void OnEvent(in CacheEvent cacheEvent) => throw new InvalidOperationException();
    }
}
