using Data.Benchmarks.Runner;
using Data.Resilience.Repositories;
using Data.Resilience.Sessions;

namespace Data.Benchmarks.Resilience;

/// <summary>
/// A page of fifty rows deep in an indexed order, by cursor and by offset (without the offset page's count, which would flatter the
/// cursor).
/// </summary>
internal sealed class KeysetPageBenchmark : IBenchmark
{
    private const int Size = 50;
    private const int Depth = 1_000_000;

    public string Area => "resilience";

    public string Name => "keyset-page";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await CatalogBench.StartAsync();
        var sessions = bench.Sessions();
        await bench.ExecuteAsync("DROP INDEX ix_articles_listed_at");
        await bench.ExecuteAsync(
            $"""
            INSERT INTO articles (id, code, title, price, stock, listed_at)
            SELECT n, 'code ' || n, 'the title of article ' || n, n / 100.0, n % 1000,
              timestamptz '2026-01-01' + n / 3 * interval '1 second'
            FROM generate_series(1, {Depth + (10 * Size)}) n
            """);
        await bench.ExecuteAsync("CREATE INDEX ON articles (listed_at, id)");
        await bench.ExecuteAsync("VACUUM ANALYZE articles");

        var order = Specification.For<Article>().OrderBy(row => row.ListedAt).OrderBy(row => row.Id);
        // The cursor of a place: the last of some rows just before it, found through the key.
        var before = await sessions.ReadAsync(
            (s, ct) => s.ReadRepository<Article, long>().PageAsync(order.Where(row => row.Id > Depth - Size), Size, cursor: null, ct));
        var cursor = before.Next;

        Task<KeysetPage<Article>> Keyset() =>
            sessions.ReadAsync((s, ct) => s.ReadRepository<Article, long>().PageAsync(order, Size, cursor, ct)).AsTask();
        Task<IReadOnlyList<long>> Offset() => sessions.ReadAsync((s, ct) => OffsetAsync(s, ct)).AsTask();
        var expected = await Offset();
        if (!(await Keyset()).Items.Select(row => row.Id).SequenceEqual(expected))
            throw new InvalidOperationException("The two pages differ.");

        await run.CompareAsync(
            FormattableString.Invariant($"Keyset page at row {Depth:N0} over offset page"),
            "pages/s",
            limit: 100,
            Direction.Min,
            async () => 1e9 / await BenchmarkRun.NanosecondsPerOperationAsync(100, () => RepeatAsync(100, Keyset)),
            async () => 1e9 / await BenchmarkRun.NanosecondsPerOperationAsync(2, () => RepeatAsync(2, Offset)),
            rounds: run.Quick ? 5 : 11);
    }

    private static async Task<IReadOnlyList<long>> OffsetAsync(IDbSession<CatalogContext> session, CancellationToken token)
    {
        var rows = await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.ToListAsync(
            session.Context.Set<Article>().OrderBy(row => row.ListedAt).ThenBy(row => row.Id).Skip(Depth).Take(Size), token);
        return [.. rows.Select(row => row.Id)];
    }

    private static async Task RepeatAsync<T>(int times, Func<Task<T>> page)
    {
        for (var i = 0; i < times; i++)
            await page();
    }
}
