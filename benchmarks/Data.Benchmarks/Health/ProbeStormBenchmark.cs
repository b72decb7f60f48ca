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

/// <summary>
/// 20,000 probes a second on <c>/health</c>, with PostgreSQL well and with it frozen: no probe waits for it and none causes a call to it.
/// An empty endpoint takes the same rate in turns, because on a busy machine the operating system's scheduling decides the 99th percentile
/// of both: the limit is two milliseconds or, where an empty endpoint does not reach those, a quarter above it.
/// </summary>
internal sealed class ProbeStormBenchmark : IBenchmark
{
    private const double Rate = 20_000;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public string Area => "health";

    public string Name => "probe-storm";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: run.Cancellation);
        await using var proxy = await FaultProxy.StartAsync(server);
        var calls = 0;
        proxy.Inspect = chunk =>
        {
            if (chunk.Direction == TestServers.Direction.ToServer && chunk.Contains("SELECT 1"u8))
                Interlocked.Increment(ref calls);
            return ChunkVerdict.Forward;
        };
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = proxy.Host, Port = proxy.Port };
        await using var source = NpgsqlDataSource.Create(connection);
        await using var host = await HealthHost.StartAsync(b => b.AddPostgreSql(
            "postgresql", _ => source, contributor: c => (c.Period, c.Timeout) = (Period, TimeSpan.FromMilliseconds(500))));
        var storm = new Storm(run, host, () => Volatile.Read(ref calls) + (int)proxy.ConnectionCount);

        await storm.UntilAsync(HealthStatus.Healthy);
        await storm.RunAsync("well", expectedStatus: 200);
        server.Freeze();
        await storm.UntilAsync(HealthStatus.Unhealthy);
        await storm.RunAsync("frozen", expectedStatus: 503);
        server.Resume();
    }

    /// <summary>A steady rate of probes, and what they make the server ask.</summary>
    /// <param name="run">The run.</param>
    /// <param name="host">The application under the storm.</param>
    /// <param name="calls">Queries that went over the wire to PostgreSQL and connections to it that were opened, so far.</param>
    private sealed class Storm(BenchmarkRun run, HealthHost host, Func<int> calls)
    {
        private readonly IHealthMonitor _monitor = host.Services.GetRequiredService<IHealthMonitor>();

        public async Task RunAsync(string state, int expectedStatus)
        {
            await LoadAsync("/health", expectedStatus, TimeSpan.FromSeconds(1));
            await LoadAsync("/empty", 200, TimeSpan.FromSeconds(1));
            var (rounds, duration) = run.Quick ? (9, TimeSpan.FromSeconds(0.5)) : (3, TimeSpan.FromSeconds(10));
            var health = new List<LoadResult>();
            var empty = new List<LoadResult>();
            var before = calls();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < rounds; i++)
            {
                run.Progress($"{state}: slice {i + 1} of {rounds}");
                health.Add(await LoadAsync("/health", expectedStatus, duration));
                empty.Add(await LoadAsync("/empty", 200, duration));
            }

            var made = calls() - before;
            var periods = Stopwatch.GetElapsedTime(start) / Period;
            run.Note($"{state}: {health.Sum(r => r.Requests)} probes in slices of {duration.TotalSeconds} s, {made} calls of PostgreSQL "
                + $"in {periods:0.0} periods");
            Describe(state, "/health", health);
            Describe(state, "/empty", empty);

            // Two milliseconds where the machine lets an empty endpoint have them; a busy one is no fault of the answer.
            run.Record($"Probe storm, PostgreSQL {state}: p99", "ms", P99(health), Math.Max(2, 1.25 * P99(empty)), Direction.Max);
            run.Record(
                $"Probe storm, PostgreSQL {state}: rate reached",
                "1/s",
                health.Average(r => r.PerSecond),
                Rate * 0.98,
                Direction.Min);
            run.Record($"Probe storm, PostgreSQL {state}: calls of it per period", "", made / periods, 1 + (1 / periods), Direction.Max);
            run.Record($"Probe storm, PostgreSQL {state}: other answers", "", health.Sum(r => r.Failures), 0, Direction.Max);
        }

        public async Task UntilAsync(HealthStatus status)
        {
            var watch = Stopwatch.StartNew();
            while (_monitor.Status != status)
            {
                if (watch.Elapsed > TimeSpan.FromSeconds(20))
                    throw new TimeoutException($"{status} was not seen within 20 s.");
                await Task.Delay(5, run.Cancellation);
            }
        }

        private static double P99(List<LoadResult> results) => BenchmarkRun.Median(results.Select(r => r.Latency.Percentile(99)));

        private void Describe(string state, string path, List<LoadResult> results) => run.Note(
            $"{state}: {path} p50 {BenchmarkRun.Median(results.Select(r => r.Latency.Percentile(50))):0.000} ms, "
            + $"p99 {P99(results):0.000} ms, max {results.Max(r => r.Latency.Percentile(100)):0.0} ms, "
            + $"{BenchmarkRun.Median(results.Select(r => r.AllocatedBytes / (double)r.Requests)):0} B allocated per probe by server and "
                + "generator");

        private async Task<LoadResult> LoadAsync(string path, int expectedStatus, TimeSpan duration) =>
            await new PacedLoad(host.EndPoint, HttpLoad.Get(path), connections: 32, depth: 1).RunAsync(
                duration,
                Rate,
                expectedStatus,
                run.Cancellation);
    }
}
