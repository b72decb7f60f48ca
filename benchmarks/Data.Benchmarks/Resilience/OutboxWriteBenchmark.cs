using Data.Benchmarks.Runner;
using Data.Resilience.Sessions;
using Data.TestServers;
using Npgsql;
using Limit = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Resilience;

/// <summary>A write session of one insert that also adds a message, over the same session without.</summary>
internal sealed class OutboxWriteBenchmark : IBenchmark
{
    private const int Calls = 200;

    public string Area => "resilience";

    public string Name => "outbox-write";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await CountAsync(run);
        await using var bench = await SessionBench.StartAsync(build: builder => builder.AddOutbox());
        await OutboxBench.CreateTablesAsync(bench.ConnectionString);
        for (var call = 0; call < 1000; call++)
        {
            await InsertAsync(bench, call, adds: true);
            await InsertAsync(bench, call, adds: false);
        }

        var (measure, baseline) = PairedRounds.Of(
            Calls,
            call => InsertAsync(bench, call, adds: true),
            call => InsertAsync(bench, call, adds: false));
        await run.CompareAsync(
            "Write session with a message over one without",
            "ns",
            limit: 1.15,
            Limit.Max,
            measure,
            baseline,
            rounds: 31);
    }

    private static async Task CountAsync(BenchmarkRun run)
    {
        var turns = new TurnCounter();
        FaultProxy? proxy = null;
        try
        {
            await using var bench = await SessionBench.StartAsync(
                async (server, connectionString) =>
                {
                    await OutboxBench.CreateTablesAsync(connectionString);
                    proxy = await FaultProxy.StartAsync(server);
                    proxy.Inspect = turns.Count;
                    return new NpgsqlConnectionStringBuilder(connectionString) { Port = proxy.Port, MaxPoolSize = 1 }.ConnectionString;
                },
                // A notification travels apart from the session; it is not the session's round trip.
                build: builder => builder.AddOutbox(options => options.WakeUp = Data.Resilience.Outbox.OutboxWakeUp.Polling));
            var with = await turns.PerCallAsync(call => InsertAsync(bench, call, adds: true));
            var without = await turns.PerCallAsync(call => InsertAsync(bench, call, adds: false));
            run.Record("Round trips a message adds to a write", "", with - without, limit: 0, Limit.Max);
        }
        finally
        {
            if (proxy is not null)
                await proxy.DisposeAsync();
        }
    }

    private static Task<int> InsertAsync(SessionBench bench, int call, bool adds) => bench.Sessions.ExecuteAsync(
        DbSessionKind.Write,
        static (session, state, token) => OutboxBench.InsertAsync(session, state.call, state.adds, token),
        (call, adds)).AsTask();
}
