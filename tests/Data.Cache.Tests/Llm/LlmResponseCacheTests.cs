namespace Data.Cache.Tests.Llm;

public sealed class LlmResponseCacheTests
{
    private readonly LlmResponseCache _responses = new(DataCacheFactory.Create(new DataCacheOptions()));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static LlmRequest Request { get; } = new()
    {
        TenantId = "t",
        Model = "m",
        System = "s",
        Messages = [new LlmMessage("user", "hello")],
        Parameters = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }
    };

    public static TheoryData<LlmRequest> Others => new(
        Request with { TenantId = "t2" },
        Request with { Model = "m2" },
        Request with { System = null },
        Request with { System = "" },
        Request with { Messages = [new LlmMessage("user", "hello"), new LlmMessage("user", "")] },
        Request with { Messages = [new LlmMessage("userh", "ello")] },
        Request with { Tools = ["{}"] },
        Request with { Parameters = new Dictionary<string, string> { ["a"] = "1" } });

    [Theory]
    [MemberData(nameof(Others))]
    public async Task GetOrCreateAsync_AnyPartDiffers_CallsTheModel(LlmRequest other)
    {
        await AskAsync(Request, "first");
        (await AskAsync(other, "second")).ShouldBe("second");
        (await AskAsync(Request with { Parameters = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" } }, "third")).ShouldBe(
            "first");
    }

    [Fact]
    public async Task GetOrCreateAsync_SameTwice_CountsWhatWasSaved()
    {
        for (var i = 0; i < 4; i++)
        {
            await _responses.GetOrCreateAsync(
                Request,
                _ => ValueTask.FromResult("answer"),
                static _ => new LlmUsage(10, 3),
                cancellationToken: Cancellation);
        }

        var statistics = _responses.GetStatistics();
        (statistics.Requests, statistics.SavedCalls, statistics.SavedInputTokens, statistics.SavedOutputTokens).ShouldBe((4, 3, 30, 9));
        statistics.HitRate.ShouldBe(0.75);
    }

    [Fact]
    public async Task GetOrCreateAsync_NotWorthKeeping_IsAskedAgain()
    {
        await _responses.GetOrCreateAsync(
            Request,
            _ => ValueTask.FromResult("filtered"),
            shouldCache: static _ => false,
            cancellationToken: Cancellation);
        (await AskAsync(Request, "again")).ShouldBe("again");
    }

    [Fact]
    public async Task ForgetTenantAsync_LeavesTheOthers()
    {
        await AskAsync(Request, "old");
        await AskAsync(Request with { TenantId = "t2" }, "theirs");
        await _responses.ForgetTenantAsync("t", Cancellation);
        (await AskAsync(Request, "new")).ShouldBe("new");
        (await AskAsync(Request with { TenantId = "t2" }, "not called")).ShouldBe("theirs");
    }

    [Fact]
    public async Task StreamAsync_Twice_ReplaysTheSameParts()
    {
        var calls = 0;
        for (var i = 0; i < 3; i++)
            (await CollectAsync(_ => Parts(() => calls++))).ShouldBe(["a", "b", "c"]);
        calls.ShouldBe(1);
        _responses.GetStatistics().SavedCalls.ShouldBe(2);
    }

    [Fact]
    public async Task StreamAsync_ManyAtOnce_ShareOneCallAndSeeItFromTheStart()
    {
        var calls = 0;
        var go = new TaskCompletionSource();
        async IAsyncEnumerable<string> Slow()
        {
            calls++;
            yield return "a";
            await go.Task;
            yield return "b";
        }

        var first = _responses.StreamAsync(Request, _ => Slow(), cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);
        (await first.MoveNextAsync()).ShouldBeTrue();
        first.Current.ShouldBe("a");
        var others = Enumerable.Range(0, 20).Select(_ => CollectAsync(_ => Slow())).ToArray();
        go.SetResult();
        foreach (var parts in await Task.WhenAll(others))
            parts.ShouldBe(["a", "b"]);
        await first.DisposeAsync();
        calls.ShouldBe(1);
    }

    [Fact]
    public async Task StreamAsync_FailsHalfway_FailsTheReaderAndKeepsNothing()
    {
        static async IAsyncEnumerable<string> Broken()
        {
            yield return "a";
            await Task.Yield();
            throw new InvalidOperationException("cut off");
        }

        await Should.ThrowAsync<InvalidOperationException>(() => CollectAsync(_ => Broken()));
        (await CollectAsync(_ => Parts(static () => { }))).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task StreamAsync_LastReaderLeaves_StopsTheModel()
    {
        var stopped = new TaskCompletionSource();
        async IAsyncEnumerable<string> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default)
        {
            yield return "a";
            using var registration = token.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.Infinite, token);
        }

        await foreach (var part in _responses.StreamAsync(Request, Endless, cancellationToken: Cancellation))
        {
            part.ShouldBe("a");
            break;
        }

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public void Constructor_TimeToLiveOutOfRange_NamesIt() =>
        Should.Throw<ArgumentException>(
            () => new LlmResponseCache(NullCache.Instance, new LlmResponseCacheOptions { TimeToLive = TimeSpan.MaxValue }))
            .Message.ShouldContain("TimeToLive");

    private async Task<string> AskAsync(LlmRequest request, string answer) =>
        await _responses.GetOrCreateAsync(request, _ => ValueTask.FromResult(answer), cancellationToken: Cancellation);

    private async Task<List<string>> CollectAsync(Func<CancellationToken, IAsyncEnumerable<string>> call)
    {
        var parts = new List<string>();
        await foreach (var part in _responses.StreamAsync(Request, call, cancellationToken: Cancellation))
            parts.Add(part);
        return parts;
    }

    private static async IAsyncEnumerable<string> Parts(Action called)
    {
        called();
        foreach (var part in new[] { "a", "b", "c" })
        {
            await Task.Yield();
            yield return part;
        }
    }
}
