using Data.Benchmarks.Runner;

namespace Data.Benchmarks.Resilience;

/// <summary>One row by key with the execution strategy of <c>UseDataResilience</c>, against the same with EF's own.</summary>
internal sealed class StrategyReadBenchmark : IBenchmark
{
    private const int Calls = 400;

    public string Area => "resilience";

    public string Name => "strategy-read";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await SessionBench.StartAsync();
        Task Resilient(int call) => bench.Resilient.ReadAsync(Id(call));
        Task Retrying(int call) => bench.Retrying.ReadAsync(Id(call));

        // Past the tiers of compilation, on both sides alike.
        for (var call = 0; call < 2000; call++)
        {
            await Resilient(call);
            await Retrying(call);
        }

        var rounds = run.Quick ? 9 : 31;
        var (measure, baseline) = PairedRounds.Of(Calls, Resilient, Retrying);
        await run.CompareAsync("Strategy read over EnableRetryOnFailure", "ns", limit: 1.01, Direction.Max, measure, baseline, rounds);
        var resilient = await PairedRounds.BytesPerCallAsync(Calls, Resilient);
        var retrying = await PairedRounds.BytesPerCallAsync(Calls, Retrying);
        run.Note(FormattableString.Invariant($"Allocated per read: {resilient:0} B, {retrying:0} B over EnableRetryOnFailure."));

        static int Id(int call) => (call % 1000) + 1;
    }
}
