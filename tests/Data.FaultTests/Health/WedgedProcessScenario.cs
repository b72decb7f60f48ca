using System.Diagnostics.Metrics;
using Data.Health;
using Data.Health.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.FaultTests.Health;

/// <summary>
/// The process that <see cref="WedgedProcessTests"/> starts: it serves until a byte comes over its input and is then ruined in one of
/// several ways.
/// </summary>
public sealed class WedgedProcessScenario
{
    internal const string ReportVariable = "DATA_WEDGE_REPORT";
    internal const string KindVariable = "DATA_WEDGE_KIND";
    private static readonly ManualResetEvent Never = new(false);

    [Fact(Explicit = true)]
    public async Task ServeUntilKilled()
    {
        var report = Environment.GetEnvironmentVariable(ReportVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(report), "This is a part of WedgedProcessTests.");
        var kind = Enum.Parse<Wedge>(Environment.GetEnvironmentVariable(KindVariable)!);

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var health = builder.Services.AddDataHealth(o =>
        {
            (o.Defaults.Period, o.Defaults.Timeout) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300));
            if (kind == Wedge.Starvation)
                (o.Defaults.MaxAge, o.Endpoints.Details) = (TimeSpan.FromMinutes(2), HealthDetails.Always);

            // Short where it is what the test waits for; elsewhere a loaded machine must not be taken for a wedge.
            o.LivenessMaxSilence = TimeSpan.FromSeconds(kind == Wedge.Evaluation ? 1 : 30);
        });
        // Many, where each is to block its thread; elsewhere two will do.
        for (var i = 0; i < (kind == Wedge.Dependencies ? 40 : 2); i++)
            health.AddContributor("dependency-" + i, _ => new BlockingCheck());
        if (kind == Wedge.Starvation)
            health.AddThreadPool("thread-pool");
        await using var app = builder.Build();
        app.MapDataHealth();
        await app.StartAsync();
        await File.WriteAllTextAsync(report + ".new", app.Urls.First());
        File.Move(report + ".new", report!);
        ObeyTheOwner(kind);
    }

    /// <summary>Keeps its thread, so that no wedge reaches it: a byte is the order, the end of the input the owner's death.</summary>
    private static void ObeyTheOwner(Wedge kind)
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0)
            new Thread(() => Ruin(kind)) { IsBackground = true }.Start();
        Environment.FailFast("The owner is gone.");
    }

    private static void Ruin(Wedge kind)
    {
        switch (kind)
        {
            case Wedge.Pool:
                Block(Never);
                break;

            case Wedge.Starvation:
                var end = new ManualResetEvent(false);
                new Thread(() => Block(end)) { IsBackground = true }.Start();
                Thread.Sleep(TimeSpan.FromSeconds(8));
                end.Set();
                break;

            case Wedge.Evaluation:
                // An exporter that blocks holds whoever records: here every loop of the evaluation, and nothing else.
                var listener = new MeterListener
                {
                    InstrumentPublished = (instrument, l) =>
                    {
                        if (instrument.Name == "data.health.check.duration")
                            l.EnableMeasurementEvents(instrument);
                    },
                };
                listener.SetMeasurementEventCallback<double>((_, _, _, _) => Never.WaitOne());
                listener.Start();
                break;

            case Wedge.Dependencies:
                BlockingCheck.Blocks = true;
                break;
        }
    }

    /// <summary>More than the pool will ever have threads for: each one that it adds is lost too.</summary>
    private static void Block(ManualResetEvent end)
    {
        while (!end.WaitOne(0))
        {
            if (ThreadPool.PendingWorkItemCount < 1000)
                ThreadPool.UnsafeQueueUserWorkItem(_ => end.WaitOne(), null);
            else
                Thread.Sleep(1);
        }
    }

    internal enum Wedge
    {
        Pool,
        Starvation,
        Evaluation,
        Dependencies,
    }

    /// <summary>What a client without an asynchronous interface does when its server hangs: it keeps its thread for ever.</summary>
    private sealed class BlockingCheck : IHealthCheck
    {
        public static volatile bool Blocks;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (Blocks)
                Never.WaitOne();
            return AnswerAsync();
        }

        // Like a client with an asynchronous interface: its answer needs a thread of the pool.
        private static async Task<HealthCheckResult> AnswerAsync()
        {
            await Task.Yield();
            return HealthCheckResult.Healthy();
        }
    }
}
