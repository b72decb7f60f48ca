using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Conformance.Caches;

/// <summary>What concurrent callers share, and what they must not.</summary>
public abstract partial class CacheConformance
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Theory]
    [InlineData(HybridCacheEntryFlags.None)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheRead)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheRead)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheWrite)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCache)]
    [InlineData(HybridCacheEntryFlags.DisableCompression)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache)]
    public async Task GetOrCreateAsync_ManyCallersWithTheSameFlags_RunOneFactory(HybridCacheEntryFlags flags)
    {
        var runs = 0;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> Call() => Cache.GetOrCreateAsync(
            "hot",
            async _ =>
            {
                Interlocked.Increment(ref runs);
                started.TrySetResult();
                await gate.Task;
                return 42;
            },
            new HybridCacheEntryOptions { Flags = flags },
            cancellationToken: Cancellation).AsTask();

        var first = Call();
        await started.Task;
        // A call that does not read the level over Redis joins before it returns; the others are given the time of a read.
        var others = Enumerable.Range(0, 49).Select(_ => Call()).ToArray();
        await Task.Delay(100, Cancellation);
        gate.SetResult();

        (await Task.WhenAll([first, .. others])).ShouldAllBe(static value => value == 42);
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task GetOrCreateAsync_CallerThatMayNotRunTheFactory_DoesNotWaitForOneThatMay()
    {
        var gate = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var maker = Cache.GetOrCreateAsync(
            "slow",
            async _ =>
            {
                started.SetResult();
                await gate.Task;
                return 1;
            },
            cancellationToken: Cancellation).AsTask();
        await started.Task;

        (await Cache.TryGetAsync<int>("slow", Cancellation)).Found.ShouldBeFalse();
        gate.SetResult();
        (await maker).ShouldBe(1);
    }

    [Fact]
    public async Task GetOrCreateAsync_RemovedWhileAFactoryWithFlagsRuns_DoesNotJoinIt()
    {
        var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableCompression };
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var earlier = Cache.GetOrCreateAsync(
            "k",
            async _ =>
            {
                started.SetResult();
                await gate.Task;
                return "old";
            },
            options,
            cancellationToken: Cancellation).AsTask();
        await started.Task;
        await Cache.RemoveAsync("k", Cancellation);

        var later = Cache.GetOrCreateAsync("k", _ => ValueTask.FromResult("new"), options, cancellationToken: Cancellation).AsTask();
        gate.SetResult();
        (await earlier).ShouldBe("old");
        (await later.WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).ShouldBe("new");
        (await Cache.TryGetAsync<string>("k", Cancellation)).Value.ShouldBe("new");
    }

    [Fact]
    public async Task GetOrCreateAsync_SharedFactory_SeesNothingOfTheFirstCallerButItsActivity()
    {
        using var source = new ActivitySource("conformance");
        using var listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        using var activity = source.StartActivity("caller");
        Ambient.Value = "the first caller's session";
        var culture = CultureInfo.CurrentCulture;
        var own = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        CultureInfo.CurrentCulture = own;
        try
        {
            var seen = await Cache.GetOrCreateAsync(
                "seen",
                async _ =>
                {
                    var before = $"{Ambient.Value}|{ReferenceEquals(CultureInfo.CurrentCulture, own)}";
                    await Task.Yield();
                    return $"{before}|{Ambient.Value}|{Activity.Current?.TraceId == activity!.TraceId}";
                },
                cancellationToken: Cancellation);

            seen.ShouldBe("|False||True");
            Ambient.Value.ShouldBe("the first caller's session");
            CultureInfo.CurrentCulture.ShouldBeSameAs(own);
            Activity.Current.ShouldBeSameAs(activity);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryThatRequestsItsOwnKey_FailsInsteadOfWaitingForItself()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(Nested("a").AsTask().WaitAsync(TimeSpan.FromSeconds(20)));

        failure.Message.ShouldContain("would wait for itself");
        (await Cache.GetOrCreateAsync("a", _ => ValueTask.FromResult(3), cancellationToken: Cancellation)).ShouldBe(3);

        ValueTask<int> Nested(string key) => Cache.GetOrCreateAsync(
            key,
            _ => Cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(1), cancellationToken: Cancellation),
            cancellationToken: Cancellation);
    }

    [Fact]
    public async Task GetOrCreateAsync_TwoFactoriesThatRequestEachOther_FailInsteadOfWaiting()
    {
        await Should.ThrowAsync<InvalidOperationException>(First().AsTask().WaitAsync(TimeSpan.FromSeconds(20)));

        ValueTask<int> First() => Cache.GetOrCreateAsync("x", _ => Second(), cancellationToken: Cancellation);

        ValueTask<int> Second() => Cache.GetOrCreateAsync("y", _ => First(), cancellationToken: Cancellation);
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryThatRequestsAnotherKey_GetsIt() =>
        (await Cache.GetOrCreateAsync(
            "outer",
            _ => Cache.GetOrCreateAsync("inner", _ => ValueTask.FromResult(5), cancellationToken: Cancellation),
            cancellationToken: Cancellation)).ShouldBe(5);

    [Fact]
    public async Task GetOrCreateAsync_CalledAtOnceAfterAFailure_RunsItsOwnFactory()
    {
        for (var round = 0; round < 50; round++)
        {
            await Should.ThrowAsync<FormatException>(Cache.GetOrCreateAsync<int>(
                "failing",
                _ => throw new FormatException("first"),
                cancellationToken: Cancellation).AsTask());
            (await Cache.GetOrCreateAsync("failing", _ => ValueTask.FromResult(1), cancellationToken: Cancellation)).ShouldBe(1);
            await Cache.RemoveAsync("failing", Cancellation);
        }
    }
}
