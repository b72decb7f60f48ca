using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Benchmarks.Resilience;

/// <summary>What the slow-query log, the top-queries table and the N+1 detector add to a command.</summary>
/// <remarks>
/// One command takes some hundred times as long as what is looked for, so single commands with and without take turns, and the lower
/// deciles of many are subtracted: what else runs on the machine only adds. The sessions around them are opened beforehand: they are not
/// what is measured here.
/// </remarks>
internal sealed class QueryDiagnosticsBenchmark : IBenchmark
{
    // Below half of the N+1 limit, as in an ordinary session: beyond it lies the detector's search for the culprit.
    private const int Commands = 40;

    // Some seconds: code that the runtime has not optimised yet costs four times as much.
    private const int WarmUpRounds = 40;

    private static readonly Func<CatalogContext, long, CancellationToken, Task<Article?>> Observed = Compile();
    private static readonly Func<CatalogContext, long, CancellationToken, Task<Article?>> Unobserved = Compile();

    private delegate Task Command(IDbSession<CatalogContext> session, long id, CancellationToken cancellationToken);

    public string Area => "resilience";

    public string Name => "query-diagnostics";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await CatalogBench.StartAsync();
        await bench.ExecuteAsync("INSERT INTO articles (code, title, price, stock, listed_at) SELECT 'c', 't', 1, 1, now() FROM "
            + "generate_series(1, 100); ANALYZE articles");
        var with = bench.Sessions(builder => builder.AddQueryDiagnostics(options => options.NPlusOneLimit = 3 * Commands));
        var without = bench.Sessions();
        await MeasureAsync(
            run,
            bench,
            with,
            without,
            "per command",
            static (session, id, token) => Observed(session.Context, id, token),
            static (session, id, token) => Unobserved(session.Context, id, token));
        await MeasureAsync(run, bench, with, without, "per bare command", FindBareAsync, FindBareAsync);
    }

    private static async Task MeasureAsync(
        BenchmarkRun run,
        CatalogBench bench,
        IDbSessionFactory<CatalogContext> with,
        IDbSessionFactory<CatalogContext> without,
        string unit,
        Command observed,
        Command plain)
    {
        var rounds = run.Quick ? 41 : 201;
        var added = new List<double>();
        var ratios = new List<double>();
        var bytes = new List<double>();
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            // Two server processes differ by some percent for as long as they live, which is more than what is looked for.
            bench.Reconnect();
            var times = await RoundAsync(with, without, observed, plain, 4, MicrosecondsAsync);
            if (round < 0)
                continue;
            added.Add(times.Observed - times.Plain);
            ratios.Add(times.Observed / times.Plain);
        }

        // Apart, because counting stops the world each time.
        for (var round = 0; round < 9; round++)
        {
            var sizes = await RoundAsync(with, without, observed, plain, 1, BytesAsync);
            bytes.Add(sizes.Observed - sizes.Plain);
        }

        run.Record($"Query diagnostics, added {unit}", "µs", BenchmarkRun.Median(added), limit: 2, Direction.Max);
        run.Record($"Query diagnostics, added allocation {unit}", "B", BenchmarkRun.Median(bytes), limit: 128, Direction.Max);
        run.Note(FormattableString.Invariant(
            $"with diagnostics, time {unit} is {BenchmarkRun.Median(ratios):0.000} of that without"));
    }

    /// <summary>The lower deciles of what some hundred commands of each kind measure.</summary>
    private static async Task<(double Observed, double Plain)> RoundAsync(
        IDbSessionFactory<CatalogContext> with,
        IDbSessionFactory<CatalogContext> without,
        Command observed,
        Command plain,
        int sessions,
        Func<Func<Task>, Task<double>> measure)
    {
        var results = (Observed: new List<double>(), Plain: new List<double>());
        for (var session = 0; session < sessions; session++)
        {
            await with.ReadAsync((watched, outer) => without.ReadAsync(
                async (unwatched, token) =>
                {
                    for (var i = 0; i < Commands; i++)
                    {
                        var id = i + 1;
                        if (i % 2 == 0)
                            results.Observed.Add(await measure(() => observed(watched, id, token)));
                        results.Plain.Add(await measure(() => plain(unwatched, id, token)));
                        if (i % 2 != 0)
                            results.Observed.Add(await measure(() => observed(watched, id, token)));
                    }

                    return true;
                },
                cancellationToken: outer).AsTask());
        }

        return (LowerDecile(results.Observed), LowerDecile(results.Plain));
    }

    private static double LowerDecile(List<double> values)
    {
        values.Sort();
        return values[values.Count / 10];
    }

    private static async Task FindBareAsync(IDbSession<CatalogContext> session, long id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT title FROM articles WHERE id = $1", session.Connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<double> MicrosecondsAsync(Func<Task> command)
    {
        var start = Stopwatch.GetTimestamp();
        await command();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static async Task<double> BytesAsync(Func<Task> command)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await command();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static Func<CatalogContext, long, CancellationToken, Task<Article?>> Compile() =>
        EF.CompileAsyncQuery((CatalogContext context, long id, CancellationToken _) => context.Set<Article>().AsNoTracking()
            .FirstOrDefault(row => row.Id == id));
}
