using Data.Cache;
using Data.TestServers;

namespace Data.Conformance.Caches;

/// <summary>
/// A factory that runs while another node removes what it makes: its result must reach neither Redis nor anyone who asks later.
/// </summary>
public sealed class RemovalRaceTests
{
    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("pattern")]
    public async Task Removal_WhileAFactoryRunsOnAnotherNode_VoidsItsResult(string way)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var prefix = "r" + Guid.NewGuid().ToString("N")[..12];
        var maker = await RedisCaches.ConnectedAsync(OutageMode.Local, options => options.KeyPrefix = prefix);
        await using var makerOwner = (IAsyncDisposable)maker;
        var remover = await RedisCaches.ConnectedAsync(OutageMode.Local, options => options.KeyPrefix = prefix);
        await using var removerOwner = (IAsyncDisposable)remover;
        var running = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var old = maker.GetOrCreateAsync(
            "k",
            async _ =>
            {
                running.SetResult();
                await go.Task;
                return "old";
            },
            tags: ["t"],
            cancellationToken: cancellation).AsTask();
        await running.Task;

        await (way switch
        {
            "key" => remover.RemoveAsync("k", cancellation).AsTask(),
            "tag" => remover.RemoveByTagAsync("t", cancellation).AsTask(),
            _ => remover.RemoveByPatternAsync(KeyPattern.Prefix("k"), cancellationToken: cancellation).AsTask(),
        });
        go.SetResult();
        (await old).ShouldBe("old");

        (await remover.TryGetAsync<string>("k", cancellation)).Found.ShouldBeFalse();
        await Eventually.BeAsync(async () => !(await maker.TryGetAsync<string>("k", cancellation)).Found);
        (await remover.GetOrCreateAsync("k", _ => ValueTask.FromResult("new"), tags: ["t"], cancellationToken: cancellation)).ShouldBe(
            "new");
        (await maker.GetOrCreateAsync("k", _ => ValueTask.FromResult("unused"), tags: ["t"], cancellationToken: cancellation)).ShouldBe(
            "new");
    }

    [Fact]
    public async Task RemoveByPatternAsync_AfterRemovals_CountsNoTombstones()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var cache = await RedisCaches.ConnectedAsync(OutageMode.Strict);
        await using var owner = (IAsyncDisposable)cache;
        await cache.SetAsync("p:1", 1, cancellationToken: cancellation);
        await cache.SetAsync("p:2", 1, cancellationToken: cancellation);
        await cache.RemoveAsync("p:1", cancellation);
        (await cache.RemoveByPatternAsync(KeyPattern.Prefix("p:"), cancellationToken: cancellation)).Count.ShouldBe(1);
    }
}
