using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Health.Evaluation;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Health;

/// <summary>
/// How long a freeze of PostgreSQL goes unseen, over the period and time-out that bound it, and what a healthy readiness costs uncached.
/// </summary>
internal sealed class FailureSeenBenchmark : IBenchmark
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(500);

    public string Area => "health";

    public string Name => "failure-seen";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: run.Cancellation);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await SeeFailureAsync(run, server, source);
        await MeasureReadyAsync(run, source);
    }

    private static async Task SeeFailureAsync(BenchmarkRun run, PostgresServer server, NpgsqlDataSource source)
    {
        await using var host = await HealthHost.StartAsync(
            b => b.AddPostgreSql("postgresql", _ => source, contributor: c => (c.Period, c.Timeout) = (Period, Timeout)));
        var monitor = host.Services.GetRequiredService<IHealthMonitor>();
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < (run.Quick ? 4 : 20); i++)
        {
            await UntilAsync(monitor, HealthStatus.Healthy, run.Cancellation);
            await Task.Delay(Period * Random.Shared.NextDouble(), run.Cancellation);
            server.Freeze();
            var seen = await UntilAsync(monitor, HealthStatus.Unhealthy, run.Cancellation);
            server.Resume();
            slowest = seen > slowest ? seen : slowest;
        }

        run.Record("Failure seen after, over period + time-out", "", slowest / (Period + Timeout), 1.05, Direction.Max);
    }

    private static async Task MeasureReadyAsync(BenchmarkRun run, NpgsqlDataSource source)
    {
        await using var host = await HealthHost.StartAsync(b => b
            .AddPostgreSql(
                "postgresql",
                _ => source,
                contributor: c => (c.Mode, c.Period) = (EvaluationMode.OnDemand, TimeSpan.FromMilliseconds(10)))
            .AddDisk("disk", contributor: c => (c.Mode, c.Period) = (EvaluationMode.OnDemand, TimeSpan.FromMilliseconds(10)))
            .AddMemory("memory", contributor: c => (c.Mode, c.Period) = (EvaluationMode.OnDemand, TimeSpan.FromMilliseconds(10))));
        using var client = new HttpClient { BaseAddress = new Uri($"http://{host.EndPoint}") };
        var times = new List<double>();
        for (var i = 0; i < 60; i++)
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync("/health/ready", run.Cancellation);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (i > 0 && !response.IsSuccessStatusCode)
                throw new InvalidOperationException($"/health/ready answered {(int)response.StatusCode}.");
            await Task.Delay(15, run.Cancellation);
        }

        times.RemoveRange(0, 10);
        run.Note($"uncached /health/ready: median {BenchmarkRun.Median(times):0.00} ms, slowest {times.Max():0.00} ms");
        run.Record("Healthy /health/ready uncached, slowest of 50", "ms", times.Max(), 100, Direction.Max);
    }

    private static async Task<TimeSpan> UntilAsync(IHealthMonitor monitor, HealthStatus status, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (monitor.Status != status)
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(20))
                throw new TimeoutException($"{status} was not seen within 20 s.");
            await Task.Delay(1, cancellation);
        }

        return watch.Elapsed;
    }
}
