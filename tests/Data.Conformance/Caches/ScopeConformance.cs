using Data.Cache;

namespace Data.Conformance.Caches;

/// <summary>Tenants, namespaces and patterns, on every cache that stores anything.</summary>
public abstract class ScopeConformance : CacheConformance
{
    public static TheoryData<string> OddTenants => new("a*", "a?", "[a]", @"a\", "a b", "ä€😀", "t=x", "a:b", "{1}", "%41");

    [Theory]
    [MemberData(nameof(OddTenants))]
    public async Task ForTenant_OddName_ReachesItsOwnEntriesOnly(string tenant)
    {
        string[] others = ["a", "ab", "abc", "x", "A", "*"];
        foreach (var other in others)
            await Cache.ForTenant(other).SetAsync("k", other, tags: ["tag"], cancellationToken: Cancellation);
        await Cache.SetAsync("k", "root", tags: ["tag"], cancellationToken: Cancellation);
        var own = Cache.ForTenant(tenant);
        (await own.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();

        await own.SetAsync("k", "own", tags: ["tag"], cancellationToken: Cancellation);
        await own.RemoveByTagAsync("tag", Cancellation);
        (await own.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
        await own.SetAsync("k", "own", cancellationToken: Cancellation);
        await own.RemoveByTagAsync("*", Cancellation);
        (await own.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
        await own.SetAsync("k", "own", cancellationToken: Cancellation);
        (await own.RemoveByPatternAsync(KeyPattern.All, cancellationToken: Cancellation)).Count.ShouldBeGreaterThanOrEqualTo(1);
        (await own.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();

        foreach (var other in others)
            (await Cache.ForTenant(other).TryGetAsync<string>("k", Cancellation)).Value.ShouldBe(other);
        (await Cache.TryGetAsync<string>("k", Cancellation)).Value.ShouldBe("root");
    }

    [Fact]
    public async Task ForNamespace_Emptied_LeavesTheOtherOnes()
    {
        var tenant = Cache.ForTenant("t");
        await tenant.ForNamespace("n").SetAsync("k", 1, cancellationToken: Cancellation);
        await tenant.ForNamespace("m").SetAsync("k", 2, cancellationToken: Cancellation);
        await Cache.ForNamespace("n").SetAsync("k", 3, cancellationToken: Cancellation);

        await tenant.ForNamespace("n").RemoveByTagAsync("*", Cancellation);
        (await tenant.ForNamespace("n").TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
        (await tenant.ForNamespace("m").TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(2);
        (await Cache.ForNamespace("n").TryGetAsync<int>("k", Cancellation)).Value.ShouldBe(3);

        await tenant.RemoveByTagAsync("*", Cancellation);
        (await tenant.ForNamespace("m").TryGetAsync<int>("k", Cancellation)).Found.ShouldBeFalse();
    }

    [Theory]
    [InlineData("user:*", "user:1;user:22", "users;xuser:1")]
    [InlineData("user:?", "user:1;user:€", "user:;user:22")]
    [InlineData("[ab]x", "ax;bx", "cx;abx")]
    [InlineData("[^a]x", "bx;€x", "ax")]
    [InlineData(@"a\*", "a*", "ab;a")]
    public async Task RemoveByPatternAsync_Glob_RemovesWhatMatches(string glob, string matching, string others)
    {
        var hits = matching.Split(';');
        var rest = others.Split(';');
        foreach (var key in hits.Concat(rest))
            await Cache.SetAsync(key, key, cancellationToken: Cancellation);
        var pattern = KeyPattern.Parse(glob);

        (await Cache.RemoveByPatternAsync(pattern, new PatternRemovalOptions { DryRun = true }, Cancellation)).Count.ShouldBe(hits.Length);
        (await Cache.GetManyAsync<string>(hits, Cancellation)).ShouldAllBe(result => result.Found);
        (await Cache.RemoveByPatternAsync(pattern, cancellationToken: Cancellation)).Count.ShouldBe(hits.Length);
        (await Cache.GetManyAsync<string>(hits, Cancellation)).ShouldAllBe(result => !result.Found);
        foreach (var result in await Cache.GetManyAsync<string>(rest.Where(key => key.Length > 0).ToArray(), Cancellation))
            result.Found.ShouldBeTrue();
    }

    [Fact]
    public async Task RemoveByPatternAsync_CancelledBefore_RemovesNothing()
    {
        await Cache.SetAsync("stays", 1, cancellationToken: Cancellation);
        await Should.ThrowAsync<OperationCanceledException>(async () =>
            await Cache.RemoveByPatternAsync(KeyPattern.All, cancellationToken: new CancellationToken(canceled: true)));
        (await Cache.TryGetAsync<int>("stays", Cancellation)).Found.ShouldBeTrue();
    }

    [Fact]
    public async Task RemoveByPatternAsync_Progress_EndsAtTheReturnedCount()
    {
        await Cache.SetManyAsync(
            Enumerable.Range(0, 50).Select(i => KeyValuePair.Create($"p{i}", i)).ToArray(),
            cancellationToken: Cancellation);
        var seen = new List<PatternRemovalProgress>();
        var count = (await Cache.RemoveByPatternAsync(
            KeyPattern.Prefix("p"),
            new PatternRemovalOptions { BatchSize = 10, Progress = new Recorder(seen) },
            Cancellation)).Count;
        count.ShouldBe(50);
        lock (seen)
            seen.Max(progress => progress.Matched).ShouldBe(50);
    }

    private sealed class Recorder(List<PatternRemovalProgress> seen) : IProgress<PatternRemovalProgress>
    {
        public void Report(PatternRemovalProgress value)
        {
            lock (seen)
                seen.Add(value);
        }
    }
}
