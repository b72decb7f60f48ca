using Data.Cache;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Conformance.Caches;

public abstract partial class CacheConformance
{
    [Fact]
    public async Task RemoveAsync_Key_IsGone()
    {
        await Cache.SetAsync("gone", 1, cancellationToken: Cancellation);
        await Cache.RemoveAsync("gone", Cancellation);
        (await Cache.TryGetAsync<int>("gone", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task RemoveAsync_SeveralKeys_AreGone()
    {
        string[] keys = ["m1", "m2", "m3"];
        await Cache.SetManyAsync(keys.Select(key => KeyValuePair.Create(key, 1)).ToArray(), cancellationToken: Cancellation);
        await Cache.RemoveAsync(keys, Cancellation);
        (await Cache.GetManyAsync<int>(keys, Cancellation)).ShouldAllBe(result => !result.Found);
    }

    [Fact]
    public async Task RemoveAsync_WhileTheFactoryRuns_TheResultIsNotCached()
    {
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var running = Cache.GetOrCreateAsync("raced", async _ =>
        {
            started.SetResult();
            await gate.Task;
            return "old";
        }, cancellationToken: Cancellation).AsTask();
        await started.Task;
        await Cache.RemoveAsync("raced", Cancellation);
        gate.SetResult();

        (await running).ShouldBe("old");
        (await Cache.TryGetAsync<string>("raced", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task SetAsync_WhileTheFactoryRuns_TheSetValueStays()
    {
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var running = Cache.GetOrCreateAsync("raced-set", async _ =>
        {
            started.SetResult();
            await gate.Task;
            return "old";
        }, cancellationToken: Cancellation).AsTask();
        await started.Task;
        await Cache.SetAsync("raced-set", "new", cancellationToken: Cancellation);
        gate.SetResult();
        await running;

        (await Cache.TryGetAsync<string>("raced-set", Cancellation)).Value.ShouldBe("new");
    }

    [Fact]
    public async Task RemoveByTagAsync_OneTag_RemovesItsEntriesOnly()
    {
        await Cache.SetAsync("t1", 1, tags: ["a", "b"], cancellationToken: Cancellation);
        await Cache.SetAsync("t2", 2, tags: ["b"], cancellationToken: Cancellation);
        await Cache.RemoveByTagAsync("a", Cancellation);

        (await Cache.TryGetAsync<int>("t1", Cancellation)).Found.ShouldBeFalse();
        (await Cache.TryGetAsync<int>("t2", Cancellation)).Found.ShouldBeTrue();
        await Cache.SetAsync("t1", 3, tags: ["a"], cancellationToken: Cancellation);
        (await Cache.TryGetAsync<int>("t1", Cancellation)).Value.ShouldBe(3);
    }

    [Fact]
    public async Task RemoveByTagAsync_Star_RemovesEverything()
    {
        await Cache.SetAsync("s1", 1, tags: ["a"], cancellationToken: Cancellation);
        await Cache.SetAsync("s2", 2, cancellationToken: Cancellation);
        await Cache.ForTenant("x").SetAsync("s3", 3, cancellationToken: Cancellation);
        await Cache.RemoveByTagAsync("*", Cancellation);

        (await Cache.GetManyAsync<int>(["s1", "s2"], Cancellation)).ShouldAllBe(result => !result.Found);
        (await Cache.ForTenant("x").TryGetAsync<int>("s3", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task RemoveByTagAsync_WhileTheFactoryRuns_TheResultIsNotServedLater()
    {
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var running = Cache.GetOrCreateAsync("raced-tag", async _ =>
        {
            started.SetResult();
            await gate.Task;
            return "old";
        }, tags: ["raced"], cancellationToken: Cancellation).AsTask();
        await started.Task;
        await Cache.RemoveByTagAsync("raced", Cancellation);
        gate.SetResult();
        await running;

        (await Cache.TryGetAsync<string>("raced-tag", Cancellation)).Found.ShouldBeFalse();
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("added")]
    [InlineData("*")]
    public async Task RemoveByTagAsync_FactoryRuns_CallersAfterTheRemovalGetANewerValue(string tag)
    {
        var (started, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var earlier = Cache.GetOrCreateAsync(
            "key",
            async (context, _) =>
            {
                context.Tags.Add("added");
                started.SetResult();
                await gate.Task;
                return "old";
            },
            tags: ["tag"],
            cancellationToken: Cancellation).AsTask();
        await started.Task;

        await Cache.RemoveByTagAsync(tag, Cancellation);
        var later = MakeAsync("new");
        gate.SetResult();

        (await earlier).ShouldBe("old");
        (await later).ShouldBe("new");
        (await MakeAsync("newer")).ShouldBe("new");

        Task<string> MakeAsync(string value) => Cache.GetOrCreateAsync(
            "key", _ => ValueTask.FromResult(value), tags: ["tag"], cancellationToken: Cancellation).AsTask();
    }

    [Fact]
    public async Task RemoveByTagAsync_TagOfAnotherKey_CallersStillShareTheFactory()
    {
        var (started, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var earlier = Cache.GetOrCreateAsync(
            "key",
            async _ =>
            {
                started.SetResult();
                await gate.Task;
                return "made";
            },
            tags: ["tag"],
            cancellationToken: Cancellation).AsTask();
        await started.Task;

        await Cache.RemoveByTagAsync("other", Cancellation);
        var later = Cache.GetOrCreateAsync(
            "key", _ => ValueTask.FromResult("again"), tags: ["tag"], cancellationToken: Cancellation).AsTask();
        gate.SetResult();

        (await Task.WhenAll(earlier, later)).ShouldAllBe(static value => value == "made");
    }
}
