using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Engine;

/// <summary>Every deadline of the engine follows the application's <see cref="TimeProvider"/>.</summary>
public sealed class CacheTimeTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DataCache _cache;

    public CacheTimeTests() => _cache = DataCacheFactory.Create(
        new DataCacheOptions { ExpirationJitter = 0, MaxStale = TimeSpan.FromHours(1) },
        timeProvider: _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryGetAsync_LifetimeHasPassed_FindsNothing()
    {
        await _cache.SetAsync("k", 1, new DataCacheEntryOptions { Expiration = TimeSpan.FromMinutes(1) }, cancellationToken: Cancellation);
        _time.Advance(TimeSpan.FromSeconds(59));
        (await _cache.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await _cache.TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryPastTheHardTimeout_Throws()
    {
        var never = new TaskCompletionSource<int>();
        var call = _cache.GetOrCreateAsync("k", _ => new ValueTask<int>(never.Task), cancellationToken: Cancellation).AsTask();
        _time.Advance(TimeSpan.FromSeconds(29));
        call.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<TimeoutException>(call);
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryPastTheSoftTimeout_ServesTheStaleValue()
    {
        await _cache.SetAsync("k", 1, cancellationToken: Cancellation);
        _time.Advance(TimeSpan.FromMinutes(6));
        var never = new TaskCompletionSource<int>();
        var call = _cache.GetOrCreateAsync("k", _ => new ValueTask<int>(never.Task), cancellationToken: Cancellation).AsTask();
        call.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await call).ShouldBe(1);
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryFailed_IsSparedForTheRetryDelay()
    {
        await _cache.SetAsync("k", 1, cancellationToken: Cancellation);
        _time.Advance(TimeSpan.FromMinutes(6));
        var runs = 0;
        ValueTask<int> FailAsync()
        {
            runs++;
            throw new InvalidOperationException();
        }

        for (var i = 0; i < 3; i++)
            (await _cache.GetOrCreateAsync("k", _ => FailAsync(), cancellationToken: Cancellation)).ShouldBe(1);
        runs.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await _cache.GetOrCreateAsync("k", _ => FailAsync(), cancellationToken: Cancellation)).ShouldBe(1);
        runs.ShouldBe(2);
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryFailedShortlyBeforeMaxStale_DoesNotServeBeyondIt()
    {
        await _cache.SetAsync("k", 1, cancellationToken: Cancellation);
        static ValueTask<int> FailAsync() => throw new InvalidOperationException();

        // 5 minutes fresh and 1 hour stale, less half of the retry delay.
        _time.Advance(TimeSpan.FromMinutes(65) - TimeSpan.FromMilliseconds(500));
        (await _cache.GetOrCreateAsync("k", _ => FailAsync(), cancellationToken: Cancellation)).ShouldBe(1);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await Should.ThrowAsync<InvalidOperationException>(async () =>
            await _cache.GetOrCreateAsync("k", _ => FailAsync(), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetOrCreateAsync_ReaderWithoutFactoryPastTheEagerThreshold_LeavesTheRefreshToTheNextCaller()
    {
        var options = new DataCacheEntryOptions { Expiration = TimeSpan.FromMinutes(1), EagerRefreshThreshold = 0.5 };
        var reading = options with { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        var runs = 0;
        ValueTask<int> Factory(CacheFactoryContext context, CancellationToken token) => ValueTask.FromResult(++runs);

        (await _cache.GetOrCreateAsync("k", Factory, options, cancellationToken: Cancellation)).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(40));
        (await _cache.GetOrCreateAsync("k", Factory, reading, cancellationToken: Cancellation)).ShouldBe(1);
        runs.ShouldBe(1);
        (await _cache.GetOrCreateAsync("k", Factory, options, cancellationToken: Cancellation)).ShouldBe(1);
        runs.ShouldBe(2);
    }
}
