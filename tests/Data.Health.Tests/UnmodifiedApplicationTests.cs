using System.Collections.Concurrent;
using System.Text.Json;
using Data.Health.Tests.Support;
using Data.TestServers;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using HealthChecks.UI.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Data.Health.Tests;

/// <summary>
/// An application as it was written for the framework's health checks, Xabaril's report, publishers and gRPC health, with the one line
/// <c>AddDataHealth()</c>: every reader sees the evaluated state, and none costs the dependency a call.
/// </summary>
public sealed class UnmodifiedApplicationTests : IAsyncLifetime
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly SwitchCheck _db = new();
    private readonly Publisher[] _publishers = [new(), new()];
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Address => _app.Urls.First();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);

            // Without TLS the two versions cannot share a port.
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });

        // What was there before.
        builder.Services.AddHealthChecks()
            .Add(new HealthCheckRegistration("db server", _ => _db, null, ["data"]) { Period = Period, Timeout = Period });
        foreach (var publisher in _publishers)
            builder.Services.AddSingleton<IHealthCheckPublisher>(publisher);
        builder.Services.Configure<HealthCheckPublisherOptions>(o => (o.Delay, o.Period) = (TimeSpan.Zero, Period));
        builder.Services.AddGrpc();
        builder.Services.AddGrpcHealthChecks();

        // The one line.
        builder.Services.AddDataHealth();

        _app = builder.Build();
        _app.MapHealthChecks("/ui-report", new HealthCheckOptions { ResponseWriter = UIResponseWriter.WriteHealthCheckUIResponse });
        _app.MapHealthChecks("/word");
        _app.MapGrpcHealthChecksService();
        await _app.StartAsync(Cancellation);
        _channel = GrpcChannel.ForAddress(_app.Urls.Last());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _channel.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Readers_OfEveryKind_SeeTheEvaluatedStateAndCostNoCall()
    {
        var grpc = new Grpc.Health.V1.Health.HealthClient(_channel);
        using var watch = grpc.Watch(new HealthCheckRequest(), cancellationToken: Cancellation);
        var watched = new ConcurrentQueue<ServingStatus>();
        _ = Task.Run(async () =>
        {
            await foreach (var response in watch.ResponseStream.ReadAllAsync(Cancellation))
                watched.Enqueue(response.Status);
        }, Cancellation);

        await EverybodySeesAsync(grpc, watched, HealthStatus.Healthy, ServingStatus.Serving);
        _db.Answer = _ => Task.FromResult(HealthCheckResult.Unhealthy("no answer"));
        await EverybodySeesAsync(grpc, watched, HealthStatus.Unhealthy, ServingStatus.NotServing);
        (await ReportAsync()).GetProperty("entries").GetProperty("db server").GetProperty("description").GetString().ShouldBe("no answer");
        _db.Status = HealthStatus.Healthy;
        await EverybodySeesAsync(grpc, watched, HealthStatus.Healthy, ServingStatus.Serving);
    }

    [Fact]
    public async Task Readers_InAStorm_LeaveTheCallsToThePeriods()
    {
        var grpc = new Grpc.Health.V1.Health.HealthClient(_channel);
        await Eventually.BeAsync(() => _publishers.All(p => !p.Reports.IsEmpty), "published");
        var start = TimeProvider.System.GetTimestamp();
        var before = _db.Runs;
        var published = _publishers.Select(p => p.Reports.Count).ToArray();
        for (var i = 0; i < 100; i++)
        {
            await _http.GetStringAsync(Address + "/ui-report", Cancellation);
            await _http.GetStringAsync(Address + "/word", Cancellation);
            await grpc.CheckAsync(new HealthCheckRequest(), cancellationToken: Cancellation);
        }

        await Eventually.BeAsync(() => _publishers.Zip(published).All(p => p.First.Reports.Count >= p.Second + 2), "published twice more");
        var periods = TimeProvider.System.GetElapsedTime(start) / Period;
        (_db.Runs - before).ShouldBeLessThanOrEqualTo((int)Math.Ceiling(periods) + 1);
    }

    private async Task EverybodySeesAsync(
        Grpc.Health.V1.Health.HealthClient grpc, ConcurrentQueue<ServingStatus> watched, HealthStatus status, ServingStatus serving)
    {
        await Eventually.BeAsync(
            async () => (await ReportAsync()).GetProperty("status").GetString() == status.ToString(), $"report {status}");
        using (var word = await _http.GetAsync(Address + "/word", Cancellation))
            (await word.Content.ReadAsStringAsync(Cancellation)).ShouldBe(status.ToString());
        (await grpc.CheckAsync(new HealthCheckRequest(), cancellationToken: Cancellation)).Status.ShouldBe(serving);
        await Eventually.BeAsync(() => watched.LastOrDefault() == serving, $"watch {serving}");
        await Eventually.BeAsync(() => _publishers.All(p => p.Reports.Last().Status == status), $"publishers {status}");
        _app.Services.GetRequiredService<Data.Health.Evaluation.IHealthMonitor>().Status.ShouldBe(status);
    }

    private async Task<JsonElement> ReportAsync()
    {
        using var response = await _http.GetAsync(Address + "/ui-report", Cancellation);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
    }

    private sealed class Publisher : IHealthCheckPublisher
    {
        public ConcurrentQueue<HealthReport> Reports { get; } = new();

        public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
        {
            Reports.Enqueue(report);
            return Task.CompletedTask;
        }
    }
}
