using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Conformance.Caches;

/// <summary>Values come back as they were stored, or are not stored.</summary>
public abstract partial class CacheConformance
{
    [Fact]
    public async Task GetOrCreateAsync_ValuesThatHaveOnlyFields_AreEqualOnMissAndHit()
    {
        await ReadsBackAsync("pair", (4, 2), static (a, b) => a == b);
        await ReadsBackAsync("mixed", (4, "z"), static (a, b) => a == b);
        await ReadsBackAsync("list", new List<(int, string)> { (1, "a"), (2, "b") }, static (a, b) => a.SequenceEqual(b));
        await ReadsBackAsync(
            "map",
            new Dictionary<string, (int Low, int High)>(StringComparer.Ordinal) { ["x"] = (1, 9) },
            static (a, b) => a["x"] == b["x"]);
        await ReadsBackAsync("fields", new Fields { Number = 7, Text = "t" }, static (a, b) => a.Number == b.Number && a.Text == b.Text);
        await ReadsBackAsync("nested", new { Inner = (1, 2) }, static (a, b) => a.Inner == b.Inner);
    }

    [Fact]
    public async Task GetOrCreateAsync_ValueThatCannotBeReadBack_IsReturnedAndNotCached()
    {
        for (var run = 1; run <= 2; run++)
        {
            var number = run;
            (await Cache.GetOrCreateAsync<INumbered>(
                "interface",
                _ => ValueTask.FromResult<INumbered>(new Numbered(number)),
                cancellationToken: Cancellation)).Number.ShouldBe(run);
            (await Cache.GetOrCreateAsync("opaque", _ => ValueTask.FromResult(new Opaque(number)), cancellationToken: Cancellation))
                .Read().ShouldBe(run);
            (await Cache.GetOrCreateAsync("one-way", _ => ValueTask.FromResult(new OneWay(number, "x")), cancellationToken: Cancellation))
                .Sum.ShouldBe(run + 1);
        }

        (await Cache.TryGetAsync<INumbered>("interface", Cancellation)).Found.ShouldBeFalse();
        (await Cache.TryGetAsync<Opaque>("opaque", Cancellation)).Found.ShouldBeFalse();
        (await Cache.TryGetAsync<OneWay>("one-way", Cancellation)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task SetAsync_ValueThatCannotBeReadBack_LeavesNoPredecessor()
    {
        await Cache.SetAsync("k", "text", cancellationToken: Cancellation);
        await Cache.SetAsync("k", new Opaque(1), cancellationToken: Cancellation);
        (await Cache.TryGetAsync<string>("k", Cancellation)).Found.ShouldBeFalse();
    }

    private async Task ReadsBackAsync<T>(string key, T value, Func<T, T, bool> equal)
    {
        var none = new HybridCacheEntryOptions();
        var miss = await Cache.GetOrCreateAsync(
            key,
            value,
            static (v, _) => ValueTask.FromResult(v),
            none,
            cancellationToken: Cancellation);
        var hit = await Cache.GetOrCreateAsync<T>(
            key,
            _ => throw new InvalidOperationException($"{key} was not cached"),
            cancellationToken: Cancellation);

        equal(miss, value).ShouldBeTrue($"{key} on the miss");
        equal(hit, value).ShouldBeTrue($"{key} on the hit");
    }

#pragma warning disable CA1051 // What this type is for.
    public sealed class Fields
    {
        public int Number;
        public string? Text;
    }
#pragma warning restore CA1051

    public interface INumbered
    {
        int Number { get; }
    }

    public sealed record Numbered(int Number) : INumbered;

    public sealed class Opaque(int number)
    {
        private readonly int _number = number;

        public int Read() => _number;
    }

    /// <summary>Its constructor does not match its properties.</summary>
    public sealed class OneWay(int number, string text)
    {
        public int Sum { get; } = number + text.Length;
    }
}
