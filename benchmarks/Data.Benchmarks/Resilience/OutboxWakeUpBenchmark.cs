using System.Collections.Concurrent;
using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Limit = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Resilience;

/// <summary>
/// Time from the end of the delegate, COMMIT included, to the publisher of an idle dispatcher; and what each way of waking costs 32
/// concurrent writers on a server that waits for its disk.
/// </summary>
internal sealed class OutboxWakeUpBenchmark : IBenchmark
{
    private const int Commits = 400;
    private const int Writers = 32;
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(3);

    public string Area => "resilience";

    public string Name => "outbox-wake-up";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        var publisher = new BenchPublisher();
        await using var bench = await SessionBench.StartAsync(build: builder =>
        {
            builder.Services.AddSingleton(publisher);
            builder.AddOutbox<BenchPublisher>();
        });
        await OutboxBench.CreateTablesAsync(bench.ConnectionString);
        await using (await OutboxBench.DispatchAsync(bench.Services))
        {
            var near = await DelayAsync(run, "same process", bench.Sessions, publisher);
            run.Record("Commit to publisher, same process, p99", "ms", near, limit: 10, Limit.Max);
            await using var writer = Writer(bench.ConnectionString, OutboxWakeUp.AfterCommit);
            var far = await DelayAsync(run, "another process", writer.GetRequiredService<IDbSessionFactory<ItemContext>>(), publisher);
            run.Record("Commit to publisher, another process, p99", "ms", far, limit: 10, Limit.Max);
        }

        await CompareAsync(run);
    }

    private static ServiceProvider Writer(string connectionString, OutboxWakeUp wakeUp)
    {
        var services = new ServiceCollection();
        services.AddDataResilience<ItemContext>(options => options.ConnectionString = connectionString)
            .AddOutbox(options => options.WakeUp = wakeUp);
        return services.BuildServiceProvider();
    }

    private static async Task<double> DelayAsync(
        BenchmarkRun run, string where, IDbSessionFactory<ItemContext> sessions, BenchPublisher publisher)
    {
        var committed = 0L;
        var delays = new ConcurrentQueue<double>();
        publisher.Published = _ => delays.Enqueue(Stopwatch.GetElapsedTime(Volatile.Read(ref committed)).TotalMilliseconds);
        for (var call = 0; call < Commits + 100; call++)
        {
            await sessions.WriteAsync(async (session, token) =>
            {
                await OutboxBench.InsertAsync(session, call, adds: true, token);
                Volatile.Write(ref committed, Stopwatch.GetTimestamp());
            });
            while (delays.Count <= call)
                await Task.Delay(1);
        }

        double[] warm = [.. delays.Skip(100).Order()];
        run.Note(FormattableString.Invariant($"Commit to publisher, {where}, median: {warm[warm.Length / 2]:0.##} ms."));
        return warm[(int)(warm.Length * 0.99)];
    }

    private static async Task CompareAsync(BenchmarkRun run)
    {
        await using var bench = await SessionBench.StartAsync(serverOptions: new PostgresServerOptions
        {
            Settings = { ["fsync"] = "on", ["synchronous_commit"] = "on" },
        });
        await OutboxBench.CreateTablesAsync(bench.ConnectionString);
        var rates = Enum.GetValues<OutboxWakeUp>().ToDictionary(static wakeUp => wakeUp, static _ => new List<double>());
        for (var round = 0; round < 5; round++)
        {
            foreach (var wakeUp in rates.Keys)
            {
                await using var writer = Writer(bench.ConnectionString, wakeUp);
                rates[wakeUp].Add(await RateAsync(writer.GetRequiredService<IDbSessionFactory<ItemContext>>()));
            }
        }

        var texts = rates.Select(static rate => FormattableString.Invariant($"{rate.Key} {Median(rate.Value):0}"));
        run.Note($"{Writers} writers, fsync on, median commits/s: {string.Join(", ", texts)}.");

        static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
    }

    private static async Task<double> RateAsync(IDbSessionFactory<ItemContext> sessions)
    {
        var commits = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var call = 0; Stopwatch.GetElapsedTime(start) < Load; call++)
            {
                // A key of its own for every message: what is measured is not the order of keys.
                var key = (writer * 1_000_000) + call;
                await sessions.WriteAsync((session, token) => OutboxBench.InsertAsync(session, key, adds: true, token));
                Interlocked.Increment(ref commits);
            }
        })));
        return commits / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
