using Data.Benchmarks.Runner;

namespace Data.Benchmarks.Cache;

/// <summary>A hit of the local level beside a bare dictionary with an expiry check, and beside MemoryCache.</summary>
internal sealed class L1HitBenchmark : IBenchmark
{
    public string Area => "cache";

    public string Name => "l1-hit";

    public bool Quick => true;

    public Task RunAsync(BenchmarkRun run)
    {
        var hits = MicroRounds.Of<L1Hit>(run);
        hits.Compare("L1 hit over ConcurrentDictionary with an expiry check", nameof(L1Hit.Cache), nameof(L1Hit.Dictionary), limit: 1.7);
        hits.Compare("L1 hit over MemoryCache", nameof(L1Hit.Cache), nameof(L1Hit.Memory), limit: 1);
        hits.RecordAllocation("L1 hit allocation", nameof(L1Hit.Cache), limit: 0);
        run.Note($"The same hit through the framework's HybridCache type: {Median(nameof(L1Hit.FrameworkType)):F1} ns");
        run.Note($"The same hit in a tenant's view: {Median(nameof(L1Hit.TenantView)):F1} ns");
        return Task.CompletedTask;

        double Median(string method) => BenchmarkRun.Median(hits.Nanoseconds(method));
    }
}
