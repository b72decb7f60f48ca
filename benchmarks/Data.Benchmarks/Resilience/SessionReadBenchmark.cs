using Data.Benchmarks.Runner;

namespace Data.Benchmarks.Resilience;

/// <summary>
/// One row by key in a read session, against the same compiled query over a pooled context alone and with EF's own retries.
/// </summary>
internal sealed class SessionReadBenchmark : IBenchmark
{
    private const int Calls = 400;

    public string Area => "resilience";

    public string Name => "session-read";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await SessionBench.StartAsync();
        async Task InSession(int call) => await bench.ReadInSessionAsync(Id(call));
        Task Plain(int call) => bench.Plain.ReadAsync(Id(call));
        Task Retrying(int call) => bench.Retrying.ReadAsync(Id(call));

        // Past the tiers of compilation, on all sides alike.
        for (var call = 0; call < 2000; call++)
        {
            await InSession(call);
            await Plain(call);
            await Retrying(call);
        }

        var rounds = run.Quick ? 9 : 31;
        var (measure, baseline) = PairedRounds.Of(Calls, InSession, Plain);
        await run.CompareAsync("Session read over pooled EF", "ns", limit: 1.02, Direction.Max, measure, baseline, rounds);
        (measure, baseline) = PairedRounds.Of(Calls, InSession, Retrying);
        await run.CompareAsync("Session read over EnableRetryOnFailure", "ns", limit: 1.00, Direction.Max, measure, baseline, rounds);

        // The driver's own background work allocates in bursts; the median of a few rounds leaves it out on both sides.
        var (inSession, overPlain) = (new double[7], new double[7]);
        for (var round = 0; round < inSession.Length; round++)
        {
            inSession[round] = await PairedRounds.BytesPerCallAsync(Calls, InSession);
            overPlain[round] = await PairedRounds.BytesPerCallAsync(Calls, Plain);
        }

        var (session, plain) = (BenchmarkRun.Median(inSession), BenchmarkRun.Median(overPlain));
        run.Record("Session read, added allocation", "B", session - plain, limit: 256, Direction.Max);
        run.Note(FormattableString.Invariant($"Allocated per read: {session:0} B in a session, {plain:0} B over pooled EF."));

        static int Id(int call) => (call % 1000) + 1;
    }
}
