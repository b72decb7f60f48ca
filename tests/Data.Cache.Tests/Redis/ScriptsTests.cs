using System.Globalization;
using System.Text;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Data.TestServers;

namespace Data.Cache.Tests.Redis;

/// <summary>The scripts of values, each on a real server.</summary>
public sealed class ScriptsTests
{
    private readonly string _prefix = "s" + Guid.NewGuid().ToString("N")[..12];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SetAsync_ServerHasForgottenTheScripts_SendsThemAgain()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        for (var round = 0; round < 3; round++)
        {
            await redis.ExecuteAsync("SCRIPT", "FLUSH");
            (await link.Store.SetAsync(Write("x"), Cancellation)).Value.ShouldBeGreaterThan(0);
            (await link.Store.SetAsync(Write("x"), Cancellation)).Value.ShouldBeGreaterThan(0);
        }

        // By their text once after each flush, for the cache and the client alike.
        ((string)(await redis.ExecuteAsync("INFO", "errorstats"))!).ShouldContain("errorstat_NOSCRIPT");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReleaseAsync_LeaseHasPassedOn_LeavesIt(bool toAnotherNode)
    {
        var redis = await SharedServers.RedisAsync();
        await using var first = await TestLink.ConnectAsync(redis, _prefix);
        await using var second = await TestLink.ConnectAsync(redis, _prefix);
        var next = toAnotherNode ? second : first;
        var old = await GrantedAsync(first);
        await redis.ExecuteAsync("DEL", first.Keys.Lease(first.Keys.Value("k")));
        var passed = await GrantedAsync(next);

        await first.Store.ReleaseAsync("k", old, Cancellation);
        (await first.Store.RenewAsync("k", old, Cancellation)).Value.ShouldBe(0);
        (await first.Store.StoreAsync(Write("x"), old, first.Clock.Monotonic, Cancellation)).Value.ShouldBe(1);
        (await first.Store.LeaseAsync("k", old, TimeSpan.FromSeconds(1), Cancellation)).Value.Outcome.ShouldBe(LeaseOutcome.Busy);

        (await next.Store.RenewAsync("k", passed, Cancellation)).Value.ShouldBe(1);
        await next.Store.ReleaseAsync("k", passed, Cancellation);
        (await first.Store.LeaseAsync("k", old, TimeSpan.FromSeconds(1), Cancellation)).Value.Outcome.ShouldBe(LeaseOutcome.Granted);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task StoreAsync_ResultOlderThanTheTombstones_IsStoredOnlyUnderItsLease(bool held, long stored)
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(
            redis,
            _prefix,
            static options => options.ReplayWindow = TimeSpan.FromSeconds(10));
        await GrantedAsync(link);
        var lease = link.Keys.Lease(link.Keys.Value("k"));
        var token = ((string)(await redis.ExecuteAsync("GET", lease))!).Split(':')[0];
        var now = (await link.Store.NowAsync("k", Cancellation)).Value;
        var start = now - 11_000_000;
        await redis.ExecuteAsync(held ? ["SET", lease, $"{token}:{start.ToString(CultureInfo.InvariantCulture)}"] : ["DEL", lease]);
        (await link.Store.StoreAsync(Write("x"), start, link.Clock.Monotonic, Cancellation)).Value.ShouldBe(stored);
        (await link.Store.StoreAsync(Write("x"), now - 9_000_000, link.Clock.Monotonic, Cancellation)).Value.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StoreAsync_WrittenOrRemovedTwoHoursAfterTheStart_IsRefused(bool written)
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix, static options => options.ReplayWindow = TimeSpan.FromHours(6));
        var now = (await (written ? link.Store.SetAsync(Write("x"), Cancellation) : link.Store.RemoveAsync("k", Cancellation))).Value;
        var start = now - 7_200_000_000;
        (await link.Store.StoreAsync(Write("y"), start, link.Clock.Monotonic, Cancellation)).Value.ShouldBe(0);
    }

    [Fact]
    public async Task StoreAsync_TombstoneTwoHoursAhead_IsIgnored()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        var now = (await link.Store.RemoveAsync("k", Cancellation)).Value;
        var tombstone = link.Keys.Tombstone(link.Keys.Value("k"));
        foreach (var (ahead, stored) in new[] { (3_000_000_000, 0L), (7_200_000_000, 1L) })
        {
            await redis.ExecuteAsync("SET", tombstone, (now + ahead).ToString(CultureInfo.InvariantCulture));
            (await link.Store.StoreAsync(Write("y"), now + 1, link.Clock.Monotonic, Cancellation)).Value.ShouldBe(stored);
        }
    }

    [Fact]
    public async Task LeaseAsync_ValueOfAnHourAhead_CountsAsDamagedAndIsReplaced()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        var now = (await link.Store.SetAsync(Write("x"), Cancellation)).Value;
        await link.Store.SupersedeAsync("k", now + 1, Cancellation);
        await redis.ExecuteAsync(
            "EVAL",
            "return redis.call('SET', KEYS[1], 'D\\1' .. struct.pack('>I8', ARGV[1]) .. 'rest')",
            "1",
            link.Keys.Value("k"),
            (now + 7_200_000_000).ToString(CultureInfo.InvariantCulture));
        var stamp = await GrantedAsync(link);
        stamp.ShouldBeInRange(now, now + 60_000_000);
        (await link.Store.StoreAsync(Write("x"), stamp, link.Clock.Monotonic, Cancellation)).Value.ShouldBe(1);
    }

    [Fact]
    public async Task RemoveTagAsync_ClockKeyFarAhead_ReturnsAHigherEpoch()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(redis, _prefix);
        var ahead = link.Clock.HighestEpoch + 7_200_000_000;
        await redis.ExecuteAsync("SET", link.Keys.Clock, ahead.ToString(CultureInfo.InvariantCulture));
        (await link.Store.RemoveTagAsync("t", 0, Cancellation)).Value.ShouldBe(ahead + 1);
        (await link.Store.RemoveTagAsync("t", ahead + 10, Cancellation)).Value.ShouldBe(ahead + 11);
        await redis.ExecuteAsync("DEL", link.Keys.Clock);
        (await link.Store.RemoveTagAsync("t", ahead + 20, Cancellation)).Value.ShouldBe(ahead + 21);
    }

    [Fact]
    public async Task Mark_OlderEpochAfterANewerOne_KeepsTheNewer()
    {
        var redis = await SharedServers.RedisAsync();
        foreach (var epoch in new[] { "5", "9", "7" })
            await redis.ExecuteAsync("EVAL", Scripts.Mark.Text, "1", _prefix + ":m", epoch, "60000");
        (await redis.ExecuteAsync("GET", _prefix + ":m")).ShouldBe("9");
        ((long)(await redis.ExecuteAsync("PTTL", _prefix + ":m"))!).ShouldBeInRange(1, 60_000);
    }

    [Fact]
    public async Task GetTagsAsync_NoGeneration_IsTheFloorAndNothingBeforeAnEviction()
    {
        var redis = await SharedServers.RedisAsync();
        await using var link = await TestLink.ConnectAsync(
            redis,
            _prefix,
            static options => options.HeartbeatInterval = TimeSpan.FromMinutes(1));
        var removed = (await link.Store.RemoveTagAsync("removed", 0, Cancellation)).Value;
        (await TagsAsync(link)).ShouldBe([removed, 0]);

        // As if the server had evicted another key since the last heartbeat.
        await redis.ExecuteAsync(
            "EVAL",
            "local line = string.gsub(redis.call('GET', KEYS[1]), '^(%d+ %w+) %d+', '%1 999') return redis.call('SET', KEYS[1], line)",
            "1",
            link.Keys.Incarnation);
        (await TagsAsync(link)).ShouldBe([removed, removed]);
        await redis.ExecuteAsync("DEL", link.Keys.Incarnation, link.Keys.Clock);
        link.Clock.ObserveEpoch(removed + 5);
        (await TagsAsync(link)).ShouldBe([removed, removed + 5]);
    }

    private static async Task<long[]> TagsAsync(TestLink link) =>
        (await link.Store.GetTagsAsync(["removed", "other"], TimeSpan.FromSeconds(10), Cancellation)).Value;

    private static async Task<long> GrantedAsync(TestLink link)
    {
        var answer = await link.Store.LeaseAsync("k", 0, TimeSpan.FromSeconds(1), Cancellation);
        answer.Value.Outcome.ShouldBe(LeaseOutcome.Granted);
        return answer.Value.Number;
    }

    private static RemoteWrite Write(string text)
    {
        var header = new EnvelopeHeader(0, 1, EnvelopeFlags.None, 60_000, 0, 0, []);
        return new RemoteWrite("k", Envelope.Write(header, Encoding.UTF8.GetBytes(text)), Epoch: 1, TimeToLiveMs: 60_000);
    }
}
