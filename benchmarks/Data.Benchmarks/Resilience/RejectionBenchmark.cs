using Data.Benchmarks.Runner;
using Data.Resilience;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Benchmarks.Resilience;

/// <summary>A session turned away by an isolated circuit, through the path that tells an outcome instead of throwing.</summary>
internal sealed class RejectionBenchmark : IBenchmark
{
    private const int Calls = 100_000;

    public string Area => "resilience";

    public string Name => "circuit-rejection";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        // No server: the point is that nothing is asked for.
        var services = new ServiceCollection();
        services.AddDataResilience<ItemContext>(options => options.ConnectionString = "Host=127.0.0.1;Port=1");
        await using var provider = services.BuildServiceProvider();
        var sessions = provider.GetRequiredService<IDbSessionFactory<ItemContext>>();
        await provider.GetRequiredKeyedService<IDatabaseCircuit>(typeof(ItemContext)).IsolateAsync(run.Cancellation);

        var nanoseconds = new List<double>();
        for (var round = 0; round < 15; round++)
            nanoseconds.Add(await BenchmarkRun.NanosecondsPerOperationAsync(Calls, () => RejectAsync(sessions)));

        run.Record("Open circuit rejection", "ns", BenchmarkRun.Median(nanoseconds), limit: 1000, Direction.Max);
        run.Record(
            "Open circuit rejection, allocation",
            "B",
            await PairedRounds.BytesPerCallAsync(1, _ => RejectAsync(sessions)) / Calls,
            limit: 64,
            Direction.Max);
    }

    private static async Task RejectAsync(IDbSessionFactory<ItemContext> sessions)
    {
        for (var call = 0; call < Calls; call++)
        {
            var outcome = await sessions.TryExecuteAsync(DbSessionKind.Read, static (_, _, _) => Task.FromResult(0), state: 0);
            if (!outcome.IsRejected)
                throw new InvalidOperationException("The isolated circuit let a session through.");
        }
    }
}
