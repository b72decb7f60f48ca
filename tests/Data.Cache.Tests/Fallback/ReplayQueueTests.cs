using System.Text;
using Data.Cache.Fallback;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Data.Cache.Tests.Redis;
using Data.TestServers;

namespace Data.Cache.Tests.Fallback;

public sealed class ReplayQueueTests
{
    private readonly string _prefix = "q" + Guid.NewGuid().ToString("N")[..12];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DrainAsync_ThreeWritesOfAKey_TheLastMadeWins()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        var queue = new ReplayQueue(link.Options, link.Clock);
        var now = link.Clock.Monotonic;
        queue.Add(new PendingWrite("k", Write("k", "first"), now - 3));
        queue.Add(new PendingWrite("k", Write("k", "last"), now - 1));
        queue.Add(new PendingWrite("k", Write("k", "second"), now - 2));
        queue.Count.ShouldBe(1);

        (await DrainAsync(queue, link)).ShouldBeTrue();
        (await ValueAsync(redis, link, "k")).ShouldEndWith("last");
        queue.Count.ShouldBe(0);
    }

    [Fact]
    public async Task DrainAsync_WriteOlderThanTheReplayWindow_BecomesARemoval()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(
            redis,
            _prefix,
            static options => options.ReplayWindow = TimeSpan.FromSeconds(10));
        var queue = new ReplayQueue(link.Options, link.Clock);
        await link.Store.SetAsync(Write("old", "stored"), Cancellation);
        queue.Add(new PendingWrite("old", Write("old", "replayed"), link.Clock.Monotonic - 10_500_000));
        queue.Add(new PendingWrite("young", Write("young", "replayed"), link.Clock.Monotonic - 8_000_000));

        (await DrainAsync(queue, link)).ShouldBeTrue();
        (await ValueAsync(redis, link, "old")).ShouldBeNull();
        (await ValueAsync(redis, link, "young")).ShouldEndWith("replayed");
    }

    [Fact]
    public async Task DrainAsync_NewerWriteOfTheKeyWhileItsOldOneIsSent_IsSentToo()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var link = await TestLink.ConnectAsync(
            redis,
            _prefix,
            static options => options.RemoteHardTimeout = TimeSpan.FromSeconds(30));
        var queue = new ReplayQueue(link.Options, link.Clock);
        queue.Add(new PendingWrite("k", null, link.Clock.Monotonic));
        redis.Freeze();
        var drain = DrainAsync(queue, link);
        queue.Add(new PendingWrite("k", Write("k", "newer"), link.Clock.Monotonic + 2_000_000));
        redis.Resume();

        (await drain).ShouldBeTrue();
        (await ValueAsync(redis, link, "k")).ShouldEndWith("newer");
    }

    [Fact]
    public async Task DrainAsync_RemovalUpToAStamp_LeavesANewerValue()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        var queue = new ReplayQueue(link.Options, link.Clock);
        var older = (await link.Store.SetAsync(Write("older", "x"), Cancellation)).Value;
        var newer = (await link.Store.SetAsync(Write("newer", "x"), Cancellation)).Value;
        queue.Add(new PendingWrite("older", null, MadeAt: 0, older + 1));
        queue.Add(new PendingWrite("newer", null, MadeAt: 0, newer));

        (await DrainAsync(queue, link)).ShouldBeTrue();
        (await ValueAsync(redis, link, "older")).ShouldBeNull();
        (await ValueAsync(redis, link, "newer")).ShouldNotBeNull();
    }

    [Fact]
    public async Task DrainAsync_PatternFails_KeepsIt()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        var queue = new ReplayQueue(link.Options, link.Clock);
        queue.AddPattern(Pattern("a"));
        (await queue.DrainAsync(link.Store, static _ => Task.FromResult(false), Cancellation)).ShouldBeFalse();
        queue.Count.ShouldBe(1);
        (await DrainAsync(queue, link)).ShouldBeTrue();
        queue.Count.ShouldBe(0);
    }

    [Fact]
    public void HasPending_PatternWaits_CoversItsKeysAlone()
    {
        var queue = Queue();
        queue.HasPending("a1").ShouldBeFalse();
        queue.AddPattern(Pattern("a"));
        queue.HasPending("a1").ShouldBeTrue();
        queue.HasPending("b1").ShouldBeFalse();
    }

    [Fact]
    public async Task AddPattern_WritesOfItsKeysPending_RemovesThem()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        var queue = new ReplayQueue(link.Options, link.Clock);
        queue.Add(new PendingWrite("a1", Write("a1", "x"), link.Clock.Monotonic));
        queue.Add(new PendingWrite("b1", Write("b1", "x"), link.Clock.Monotonic));
        queue.AddPattern(Pattern("a"));
        (await DrainAsync(queue, link)).ShouldBeTrue();
        (await ValueAsync(redis, link, "a1")).ShouldBeNull();
        (await ValueAsync(redis, link, "b1")).ShouldNotBeNull();
    }

    [Fact]
    public void Tags_MoreThanTheLimit_IsEverything()
    {
        var queue = Queue(limit: 2);
        queue.AddTag("t1", 1);
        queue.AddTag("t2", 2);
        queue.Tags().ShouldBe(["t1", "t2"], ignoreOrder: true);
        queue.AddTag("t3", 3);
        queue.Tags().ShouldBe(["*"]);
        queue.HasPending("any").ShouldBeTrue();
    }

    private static ReplayQueue Queue(int limit = 10) =>
        new(new DataCacheOptions { ReplayQueueLimit = limit }, new Internal.StampClock(TimeProvider.System));

    private static PendingPattern Pattern(string prefix) => new(
        name => name.StartsWith(prefix, StringComparison.Ordinal),
        Scope: "",
        Prefix: "",
        KeyPattern.Prefix(prefix),
        BatchSize: 10);

    private static RemoteWrite Write(string name, string text)
    {
        var header = new EnvelopeHeader(0, 1, EnvelopeFlags.None, 60_000, 0, 0, []);
        return new RemoteWrite(name, Envelope.Write(header, Encoding.UTF8.GetBytes(text)), Epoch: 1, TimeToLiveMs: 60_000);
    }

    private static Task<bool> DrainAsync(ReplayQueue queue, TestLink link) =>
        queue.DrainAsync(link.Store, static _ => Task.FromResult(true), Cancellation);

    private static async Task<string?> ValueAsync(RedisServer redis, TestLink link, string name) =>
        (string?)await redis.ExecuteAsync("GET", link.Keys.Value(name));
}
