using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Resilience.Repositories;
using Data.Resilience.Sessions;
using NpgsqlTypes;

namespace Data.Benchmarks.Resilience;

/// <summary>
/// Ten thousand rows by BulkInsertAsync, against EF's AddRange with SaveChanges and against a COPY written by hand for this very table.
/// </summary>
internal sealed class BulkInsertBenchmark : IBenchmark
{
    private const int Rows = 10_000;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public string Area => "resilience";

    public string Name => "bulk-insert";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await CatalogBench.StartAsync();
        var sessions = bench.Sessions();
        Task<double> Bulk() => TimeAsync(
            bench,
            rows => sessions.WriteAsync((s, ct) => s.Repository<Article, long>().BulkInsertAsync(rows, cancellationToken: ct)).AsTask());
        Task<double> Copy() => TimeAsync(bench, rows => CopyAsync(bench, rows));
        Task<double> Tracked() => TimeAsync(bench, rows => AddRangeAsync(bench, rows));
        async Task<double> BulkRate() => Rows / await Bulk();
        async Task<double> TrackedRate() => Rows / await Tracked();

        for (var warm = 0; warm < 5; warm++)
        {
            await Bulk();
            await Copy();
        }

        await run.CompareAsync(
            "Bulk insert of 10,000 rows over AddRange and SaveChanges",
            "rows/s",
            limit: 10,
            Direction.Min,
            BulkRate,
            TrackedRate,
            rounds: run.Quick ? 5 : 9);
        await run.CompareAsync(
            "Bulk insert of 10,000 rows over hand-written COPY",
            "s",
            limit: 1.2,
            Direction.Max,
            Bulk,
            Copy,
            rounds: run.Quick ? 15 : 31);
    }

    private static async Task<double> TimeAsync(CatalogBench bench, Func<Article[], Task> insert)
    {
        await bench.ExecuteAsync("TRUNCATE articles");
        var rows = new Article[Rows];
        for (var i = 0; i < Rows; i++)
        {
            rows[i] = new Article
            {
                Code = $"code {i}",
                Title = $"the title of article {i}",
                Price = i / 100m,
                Stock = i,
                ListedAt = Start.AddSeconds(i)
            };
        }

        var start = Stopwatch.GetTimestamp();
        await insert(rows);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task AddRangeAsync(CatalogBench bench, Article[] rows)
    {
        await using var context = await bench.Plain.CreateDbContextAsync();
        context.AddRange(rows.AsEnumerable());
        await context.SaveChangesAsync();
    }

    private static async Task CopyAsync(CatalogBench bench, Article[] rows)
    {
        await using var connection = await bench.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var importer = await connection.BeginBinaryImportAsync(
            "COPY articles (code, title, price, stock, listed_at) FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var row in rows)
            {
                await importer.StartRowAsync();
                await importer.WriteAsync(row.Code, NpgsqlDbType.Text);
                await importer.WriteAsync(row.Title, NpgsqlDbType.Text);
                await importer.WriteAsync(row.Price, NpgsqlDbType.Numeric);
                await importer.WriteAsync(row.Stock, NpgsqlDbType.Integer);
                await importer.WriteAsync(row.ListedAt, NpgsqlDbType.TimestampTz);
            }

            await importer.CompleteAsync();
        }

        await transaction.CommitAsync();
    }
}
