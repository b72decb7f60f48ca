using Data.Benchmarks.Runner;
using Data.Resilience.Sessions;

namespace Data.Benchmarks.Resilience;

/// <summary>One insert in a write session with its exactly-once commit, against EF with an explicit transaction.</summary>
internal sealed class SessionWriteBenchmark : IBenchmark
{
    private const int Calls = 200;

    public string Area => "resilience";

    public string Name => "session-write";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await SessionBench.StartAsync();
        async Task InSession(int call) => await bench.Sessions.ExecuteAsync(
            DbSessionKind.Write,
            static (session, call, token) => InsertAsync(session.Context, call, token),
            call);

        async Task Explicit(int call)
        {
            await using var context = await bench.Plain.CreateContextAsync();
            await using var transaction = await context.Database.BeginTransactionAsync();
            await InsertAsync(context, call, CancellationToken.None);
            await transaction.CommitAsync();
        }

        for (var call = 0; call < 1000; call++)
        {
            await InSession(call);
            await Explicit(call);
        }

        var (measure, baseline) = PairedRounds.Of(Calls, InSession, Explicit);
        await run.CompareAsync(
            "Write session of one insert over EF with a transaction",
            "ns",
            limit: 1.15,
            Direction.Max,
            measure,
            baseline,
            rounds: 31);
    }

    private static async Task<int> InsertAsync(ItemContext context, int call, CancellationToken token)
    {
        context.Items.Add(new Item { Name = "new", Price = call });
        return await context.SaveChangesAsync(token);
    }
}
