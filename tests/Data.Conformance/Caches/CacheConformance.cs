using System.ComponentModel;
using Data.Cache;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Conformance.Caches;

/// <summary>What every cache that stores anything must do. Derived classes say which cache.</summary>
public abstract partial class CacheConformance : IAsyncLifetime
{
    private DataCache? _cache;

    protected DataCache Cache => _cache!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<DataCache> CreateAsync();

    public async ValueTask InitializeAsync() => _cache = await CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_cache is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task GetOrCreateAsync_SecondCall_ReturnsTheFirstResultWithoutTheFactory()
    {
        var runs = 0;
        for (var i = 0; i < 3; i++)
            (await Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(++runs), cancellationToken: Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task GetOrCreateAsync_ThroughHybridCacheOverloads_HitsTheSameEntry()
    {
        HybridCache hybrid = Cache;
        await hybrid.SetAsync("user:1", "v", cancellationToken: Cancellation);
        var id = 1;

        (await hybrid.GetOrCreateAsync("user:1", 7, static (_, _) => ValueTask.FromResult("miss"), cancellationToken: Cancellation))
            .ShouldBe("v");
        (await hybrid.GetOrCreateAsync("user:1".AsSpan(), static _ => ValueTask.FromResult("miss"), cancellationToken: Cancellation))
            .ShouldBe("v");
        (await hybrid.GetOrCreateAsync(
            "user:1".AsSpan(),
            7,
            static (_, _) => ValueTask.FromResult("miss"),
            cancellationToken: Cancellation)).ShouldBe("v");
        (await hybrid.GetOrCreateAsync($"user:{id}", static _ => ValueTask.FromResult("miss"), cancellationToken: Cancellation)).ShouldBe(
            "v");
        (await hybrid.GetOrCreateAsync($"user:{id}", 7, static (_, _) => ValueTask.FromResult("miss"), cancellationToken: Cancellation))
            .ShouldBe("v");
    }

    [Fact]
    public async Task GetOrCreateAsync_HitAndMiss_ReturnEqualValuesOfTheSameType()
    {
        var miss = await Cache.GetOrCreateAsync<Shape>(
            "shape",
            _ => ValueTask.FromResult<Shape>(new Circle { Name = "c", Radius = 2 }),
            cancellationToken: Cancellation);
        var hit = await Cache.GetOrCreateAsync<Shape>(
            "shape",
            _ => throw new InvalidOperationException("must not run"),
            cancellationToken: Cancellation);

        hit.GetType().ShouldBe(miss.GetType());
        hit.Name.ShouldBe(miss.Name);
    }

    [Fact]
    public async Task GetOrCreateAsync_MutableType_GivesEveryCallerItsOwnCopy()
    {
        var first = await Cache.GetOrCreateAsync("list", _ => ValueTask.FromResult(new List<int> { 1 }), cancellationToken: Cancellation);
        first.Add(2);
        var second = await Cache.GetOrCreateAsync("list", _ => ValueTask.FromResult(new List<int>()), cancellationToken: Cancellation);
        second.ShouldBe([1]);
        second.Add(3);

        (await Cache.TryGetAsync<List<int>>("list", Cancellation)).Value.ShouldBe([1]);
    }

    [Fact]
    public async Task GetOrCreateAsync_ImmutableType_SharesOneInstance()
    {
        await Cache.SetAsync("frozen", new Frozen("x"), cancellationToken: Cancellation);
        var first = await Cache.GetOrCreateAsync("frozen", _ => ValueTask.FromResult(new Frozen("y")), cancellationToken: Cancellation);
        var second = await Cache.GetOrCreateAsync("frozen", _ => ValueTask.FromResult(new Frozen("y")), cancellationToken: Cancellation);

        first.ShouldBe(new Frozen("x"));
        second.ShouldBeSameAs(first);
    }

    [Fact]
    public async Task GetOrCreateAsync_ManyCallersAtOnce_RunOneFactory()
    {
        var runs = 0;
        var gate = new TaskCompletionSource();
        var callers = Enumerable.Range(0, 100).Select(_ => Task.Run(async () => await Cache.GetOrCreateAsync("hot", async _ =>
        {
            Interlocked.Increment(ref runs);
            await gate.Task;
            return 42;
        }, cancellationToken: Cancellation))).ToArray();
        await Task.Delay(50, Cancellation);
        gate.SetResult();

        (await Task.WhenAll(callers)).ShouldAllBe(value => value == 42);
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task GetOrCreateAsync_OneOfTwoCallersCancels_TheOtherGetsTheValue()
    {
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        async ValueTask<int> Factory(CancellationToken token)
        {
            started.TrySetResult();
            await gate.Task.WaitAsync(token);
            return 7;
        }

        var leaver = Cache.GetOrCreateAsync("shared", Factory, cancellationToken: impatient.Token).AsTask();
        await started.Task;
        var stayer = Cache.GetOrCreateAsync("shared", Factory, cancellationToken: Cancellation).AsTask();
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leaver);
        gate.SetResult();

        (await stayer).ShouldBe(7);
    }

    [Fact]
    public async Task GetOrCreateAsync_AllCallersCancel_CancelsTheFactory()
    {
        var cancelled = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        var caller = Cache.GetOrCreateAsync<int>("lonely", async token =>
        {
            await using var registration = token.Register(() => cancelled.TrySetResult());
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return 1;
        }, cancellationToken: impatient.Token).AsTask();
        await started.Task;
        await impatient.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(caller);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        (await Cache.GetOrCreateAsync("lonely", _ => ValueTask.FromResult(2), cancellationToken: Cancellation)).ShouldBe(2);
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryFails_ThrowsItsOwnErrorAndCachesNothing()
    {
        await Should.ThrowAsync<InvalidTimeZoneException>(async () =>
            await Cache.GetOrCreateAsync<int>("fails", _ => throw new InvalidTimeZoneException("mine"), cancellationToken: Cancellation));

        (await Cache.GetOrCreateAsync("fails", _ => ValueTask.FromResult(5), cancellationToken: Cancellation)).ShouldBe(5);
    }

    [Fact]
    public async Task GetOrCreateAsync_NullResult_IsCachedAsNegative()
    {
        var runs = 0;
        for (var i = 0; i < 2; i++)
        {
            (await Cache.GetOrCreateAsync<string?>("none", _ =>
            {
                runs++;
                return ValueTask.FromResult<string?>(null);
            }, cancellationToken: Cancellation)).ShouldBeNull();
        }

        runs.ShouldBe(1);
        (await Cache.TryGetAsync<string>("none", Cancellation)).ShouldBe(new CacheResult<string>(Found: true, Value: null));
    }

    [Fact]
    public async Task GetOrCreateAsync_NegativeExpirationOfZero_DoesNotCacheNull()
    {
        var runs = 0;
        var options = new DataCacheEntryOptions { NegativeExpiration = TimeSpan.Zero };
        for (var i = 0; i < 2; i++)
        {
            await Cache.GetOrCreateAsync<string?>("none-0", (_, _) =>
            {
                runs++;
                return ValueTask.FromResult<string?>(null);
            }, options, cancellationToken: Cancellation);
        }

        runs.ShouldBe(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with\nnewline")]
    [InlineData("lone surrogate")]
    public async Task GetOrCreateAsync_BadKey_RunsTheFactoryEveryTimeAndNeverFails(string key)
    {
        // An attribute cannot carry half a surrogate pair.
        key = key == "lone surrogate" ? key + '\ud800' : key;
        var runs = 0;
        await Cache.SetAsync(key, -1, cancellationToken: Cancellation);
        for (var i = 0; i < 2; i++)
            (await Cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(++runs), cancellationToken: Cancellation)).ShouldBe(i + 1);
        await Cache.RemoveAsync(key, Cancellation);
    }

    [Fact]
    public async Task GetOrCreateAsync_KeyOf1024Characters_IsCachedAndOneMoreIsNot()
    {
        foreach (var (length, expected) in new[] { (1024, 1), (1025, 2) })
        {
            var runs = 0;
            for (var i = 0; i < 2; i++)
                await Cache.GetOrCreateAsync(new string('k', length), _ => ValueTask.FromResult(++runs), cancellationToken: Cancellation);
            runs.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_OversizedPayload_IsReturnedAndNotCached()
    {
        var big = new string('x', 3 * 1024 * 1024);
        (await Cache.GetOrCreateAsync("big", _ => ValueTask.FromResult(big), cancellationToken: Cancellation)).Length.ShouldBe(big.Length);
        (await Cache.TryGetAsync<string>("big", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task SetAsync_OversizedPayload_RemovesItsPredecessor()
    {
        await Cache.SetAsync("grows", "small", cancellationToken: Cancellation);
        await Cache.SetAsync("grows", new string('x', 3 * 1024 * 1024), cancellationToken: Cancellation);
        (await Cache.TryGetAsync<string>("grows", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task GetOrCreateAsync_DisableUnderlyingData_ReturnsTheDefaultOnAMiss()
    {
        var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        (await Cache.GetOrCreateAsync<string?>(
            "absent",
            _ => throw new InvalidOperationException("must not run"),
            options,
            cancellationToken: Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task GetOrCreateAsync_AllLevelsDisabled_RunsTheFactoryEveryTime()
    {
        var options = new HybridCacheEntryOptions
        {
            Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache
        };
        var runs = 0;
        for (var i = 0; i < 2; i++)
            await Cache.GetOrCreateAsync("through", _ => ValueTask.FromResult(++runs), options, cancellationToken: Cancellation);
        runs.ShouldBe(2);
        (await Cache.TryGetAsync<int>("through", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task GetOrCreateAsync_FactorySetsOptions_AreUsed()
    {
        await Cache.GetOrCreateAsync("brief", static (context, _) =>
        {
            context.Options = context.Options with { Expiration = TimeSpan.FromMilliseconds(50) };
            context.Tags.Add("late");
            return ValueTask.FromResult(1);
        }, cancellationToken: Cancellation);
        await Task.Delay(150, Cancellation);
        (await Cache.TryGetAsync<int>("brief", Cancellation)).Found.ShouldBeFalse();

        await Cache.GetOrCreateAsync("tagged-late", static (context, _) =>
        {
            context.Tags.Add("late");
            return ValueTask.FromResult(1);
        }, cancellationToken: Cancellation);
        await Cache.RemoveByTagAsync("late", Cancellation);
        (await Cache.TryGetAsync<int>("tagged-late", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task GetOrCreateAsync_SkipCaching_HandsOutTheResultOnly()
    {
        (await Cache.GetOrCreateAsync("skipped", static (context, _) =>
        {
            context.SkipCaching = true;
            return ValueTask.FromResult(1);
        }, cancellationToken: Cancellation)).ShouldBe(1);
        (await Cache.TryGetAsync<int>("skipped", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task GetOrCreateAsync_AfterExpiration_RunsTheFactoryAgain()
    {
        var options = new HybridCacheEntryOptions { Expiration = TimeSpan.FromMilliseconds(60) };
        var runs = 0;
        await Cache.GetOrCreateAsync("short", _ => ValueTask.FromResult(++runs), options, cancellationToken: Cancellation);
        await Task.Delay(200, Cancellation);
        (await Cache.GetOrCreateAsync("short", _ => ValueTask.FromResult(++runs), options, cancellationToken: Cancellation)).ShouldBe(2);
    }

    [Fact]
    public async Task GetOrCreateAsync_OtherTypeUnderTheSameKey_IsAMiss()
    {
        await Cache.SetAsync("typed", 5, cancellationToken: Cancellation);
        (await Cache.GetOrCreateAsync("typed", _ => ValueTask.FromResult("text"), cancellationToken: Cancellation)).ShouldBe("text");
    }

    [Fact]
    public async Task GetManyAsync_SomeKeys_AnswersInOrderWithDuplicates()
    {
        await Cache.SetManyAsync<int>([new("a", 1), new("b", 2), new("b", 3)], cancellationToken: Cancellation);
        var results = await Cache.GetManyAsync<int>(["b", "zzz", "a", "b"], Cancellation);
        results.ShouldBe([new(Found: true, 3), default, new(Found: true, 1), new(Found: true, 3)]);
    }

    [Fact]
    public async Task WarmUpAsync_OneFactoryFails_WarmsTheOthers()
    {
        var result = await Cache.WarmUpAsync(
            ["w1", "w2", "w3"],
            (key, _) => key == "w2" ? throw new InvalidOperationException("bad") : ValueTask.FromResult(key),
            cancellationToken: Cancellation);

        result.ShouldBe(new WarmUpResult(2, 1));
        (await Cache.TryGetAsync<string>("w3", Cancellation)).Value.ShouldBe("w3");
    }

    [Fact]
    public async Task GetStatistics_AfterUse_CountsHitsAndMisses()
    {
        Cache.GetStatistics().HitRatio.ShouldBe(0);
        for (var i = 0; i < 5; i++)
            await Cache.GetOrCreateAsync("counted", _ => ValueTask.FromResult(i), cancellationToken: Cancellation);
        Cache.GetStatistics().HitRatio.ShouldBe(0.8, tolerance: 1e-9);
    }

    public record Shape
    {
        public string Name { get; set; } = "";
    }

    public record Circle : Shape
    {
        public double Radius { get; set; }
    }

    [ImmutableObject(true)]
    public sealed record Frozen(string Text);
}
