using Data.Benchmarks.Runner;

namespace Data.Benchmarks.Resilience;

/// <summary>A session turned away by an isolated circuit, through the path that returns an outcome instead of throwing.</summary>
internal sealed class RejectionBenchmark : IBenchmark
{
    public string Area => "resilience";

    public string Name => "circuit-rejection";

    public bool Quick => true;

    public Task RunAsync(BenchmarkRun run)
    {
        var calls = MicroRounds.Of<Rejection>(run);
        calls.RecordTime("Open circuit rejection", nameof(Rejection.Call), limit: 1000);
        calls.RecordAllocation("Open circuit rejection, allocation", nameof(Rejection.Call), limit: 64);
        return Task.CompletedTask;
    }
}
