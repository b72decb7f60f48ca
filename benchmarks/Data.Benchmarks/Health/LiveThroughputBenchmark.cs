using Data.Benchmarks.Load;
using Data.Benchmarks.Runner;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Benchmarks.Health;

/// <summary>Requests per second of <c>/health/live</c> against those of an endpoint that does nothing.</summary>
internal sealed class LiveThroughputBenchmark : IBenchmark
{
    public string Area => "health";

    public string Name => "live-throughput";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var host = await HealthHost.StartAsync(
            b => b.AddDisk("disk").AddMemory("memory").AddThreadPool("thread-pool").AddGcPressure("gc"));

        // Many short slices in turn: whatever else the machine does then falls on both sides.
        var slice = TimeSpan.FromMilliseconds(100);
        await run.CompareAsync(
            "/health/live over an empty endpoint",
            "req/s",
            limit: 0.9,
            Direction.Min,
            () => ThroughputAsync(host, "/health/live", depth: 1, slice, run.Cancellation),
            () => ThroughputAsync(host, "/empty", depth: 1, slice, run.Cancellation),
            rounds: run.Quick ? 41 : 101);

        // Probers do not pipeline. Pipelined, the processor time of the answer itself shows, undiluted by system calls.
        var ratios = new List<double>();
        for (var i = 0; i < 11; i++)
        {
            var live = await ThroughputAsync(host, "/health/live", depth: 16, slice, run.Cancellation);
            ratios.Add(live / await ThroughputAsync(host, "/empty", depth: 16, slice, run.Cancellation));
        }

        run.Note($"/health/live over an empty endpoint with 16 requests pipelined: {BenchmarkRun.Median(ratios):0.00}");
    }

    private static async Task<double> ThroughputAsync(
        HealthHost host,
        string path,
        int depth,
        TimeSpan duration,
        CancellationToken cancellation)
    {
        var result = await new HttpLoad(host.EndPoint, HttpLoad.Get(path), connections: 16, depth).RunAsync(
            duration,
            expectedStatus: 200,
            cancellation);
        return result.Failures == 0 ?
            result.PerSecond :
            throw new InvalidOperationException($"{result.Failures} answers of {path} were not 200.");
    }
}
