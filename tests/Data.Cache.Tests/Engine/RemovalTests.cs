namespace Data.Cache.Tests.Engine;

public sealed class RemovalTests
{
    private readonly DataCache _cache = DataCacheFactory.Create(new DataCacheOptions());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("key")]
    [InlineData("pattern")]
    public async Task GetOrCreateAsync_RemovedWhileAnEarlierFactoryRuns_DoesNotJoinIt(string way)
    {
        var running = new TaskCompletionSource();
        var release = new TaskCompletionSource<string>();
        var earlier = _cache.GetOrCreateAsync(
            "k",
            async _ =>
            {
                running.SetResult();
                return await release.Task;
            },
            cancellationToken: Cancellation).AsTask();
        await running.Task;
        if (way == "key")
            await _cache.RemoveAsync("k", Cancellation);
        else
            await _cache.RemoveByPatternAsync(KeyPattern.Prefix("k"), cancellationToken: Cancellation);

        var later = _cache.GetOrCreateAsync("k", _ => ValueTask.FromResult("new"), cancellationToken: Cancellation).AsTask();
        (await later.WaitAsync(TimeSpan.FromSeconds(10), Cancellation)).ShouldBe("new");
        release.SetResult("old");
        (await earlier).ShouldBe("old");
        (await _cache.TryGetAsync<string>("k", Cancellation)).Value.ShouldBe("new");
    }
}
