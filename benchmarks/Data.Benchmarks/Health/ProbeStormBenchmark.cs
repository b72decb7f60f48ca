using System.Diagnostics;
using Data.Benchmarks.Load;
using Data.Benchmarks.Runner;
using Data.Health.Evaluation;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Health;

/// <summary>20,000 probes a second on <c>/health</c> while PostgreSQL is frozen: no probe waits for it and none causes a call to it.</summary>
internal sealed class ProbeStormBenchmark : IBenchmark
{
    private const double Rate = 20_000;

    public string Area => "health";

    public string Name => "probe-storm";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var period = TimeSpan.FromSeconds(1);
        await using var server = await PostgresServer.StartAsync(cancellationToken: run.Cancellation);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        var calls = 0;
        await using var host = await HealthHost.StartAsync(b => b.AddPing(
            "postgresql",
            async (_, ct) =>
            {
                Interlocked.Increment(ref calls);
                await using var command = source.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(ct);
            },
            c => (c.Period, c.Timeout) = (period, TimeSpan.FromMilliseconds(500))));
        var monitor = host.Services.GetRequiredService<IHealthMonitor>();
        await UntilAsync(() => monitor.Status == HealthStatus.Healthy, run);

        server.Freeze();
        await UntilAsync(() => monitor.Status == HealthStatus.Unhealthy, run);
        var load = new HttpLoad(host.EndPoint, HttpLoad.Get("/health"), connections: 16, depth: 10);
        await load.RunAsync(TimeSpan.FromSeconds(1), Rate, expectedStatus: 503, run.Cancellation);

        var empty = await new HttpLoad(host.EndPoint, HttpLoad.Get("/empty"), connections: 16, depth: 10)
            .RunAsync(TimeSpan.FromSeconds(2), Rate, expectedStatus: 200, run.Cancellation);
        run.Note($"the same rate on an empty endpoint: p50 {empty.Latency.Percentile(50):0.000} ms, p99 {empty.Latency.Percentile(99):0.000} ms");

        var before = Volatile.Read(ref calls);
        var duration = TimeSpan.FromSeconds(run.Quick ? 4 : 10);
        var result = await load.RunAsync(duration, Rate, expectedStatus: 503, run.Cancellation);
        var made = Volatile.Read(ref calls) - before;
        server.Resume();

        run.Note($"{result.Requests} probes in {result.Elapsed.TotalSeconds:0.0} s ({result.PerSecond:0} per second), p50 {result.Latency.Percentile(50):0.000} ms, "
            + $"p99 {result.Latency.Percentile(99):0.000} ms, max {result.Latency.Percentile(100):0.0} ms, {made} calls of PostgreSQL, {result.Failures} unexpected answers");
        run.Record("Probe storm, rate reached", "1/s", result.PerSecond, Rate * 0.98, Direction.Min);
        run.Record("Probe storm with PostgreSQL frozen, p99", "ms", result.Latency.Percentile(99), 2, Direction.Max);
        run.Record("Probe storm, calls of PostgreSQL per period", "", made / (result.Elapsed / period), 1 + (period / duration), Direction.Max);
        run.Record("Probe storm, answers that are not 503", "", result.Failures, 0, Direction.Max);
    }

    private static async Task UntilAsync(Func<bool> condition, BenchmarkRun run)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(20))
                throw new TimeoutException("The expected health was not seen within 20 s.");
            await Task.Delay(5, run.Cancellation);
        }
    }
}
