using System.Diagnostics;
using Data.Health.Endpoints;
using Data.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.FaultTests.Health;

/// <summary>Kills, freezes and restores each dependency in turn and watches every path of a running application.</summary>
public sealed class DependencyFaultTests : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(700);

    // Generous for a loaded machine; what counts is that the change is seen at all and nothing else moves.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly HttpClient _client = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_KilledFrozenRestored_StatusesFollowAndLivenessNeverFails()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await TortureAsync(server, b => b.AddPostgreSql("dependency", _ => source));
    }

    [Fact]
    public async Task Redis_KilledFrozenRestored_StatusesFollowAndLivenessNeverFails()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await TortureAsync(server, b => b.AddRedis("dependency", o => (o.Port, o.Password) = (server.Port, server.Password)));
    }

    [Fact]
    public async Task Chroma_KilledFrozenRestored_StatusesFollowAndLivenessNeverFails()
    {
        await using var server = await ChromaServer.StartAsync(Cancellation);
        await TortureAsync(server, b => b.AddChroma("dependency", server.BaseAddress));
    }

    [Fact]
    public async Task Postgres_FrozenForGoodAndReplaced_IsHealthyAgain()
    {
        await using var frozen = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var successor = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var proxy = await FaultProxy.StartAsync(frozen);
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(frozen.ConnectionString) { Host = proxy.Host, Port = proxy.Port });
        await FailOverAsync(frozen, successor, proxy, b => b.AddPostgreSql("dependency", _ => source));
    }

    [Fact]
    public async Task Redis_FrozenForGoodAndReplaced_IsHealthyAgain()
    {
        await using var frozen = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var successor = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var proxy = await FaultProxy.StartAsync(frozen);
        await FailOverAsync(frozen, successor, proxy, b => b.AddRedis("dependency", o => o.Port = proxy.Port));
    }

    [Fact]
    public async Task Connection_ResetOnce_DoesNotFlap()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var proxy = await FaultProxy.StartAsync(server);
        await using var app = await StartAsync(b => b.AddRedis("dependency", o => (o.Port, o.Password) = (proxy.Port, server.Password)));
        await SeeAsync(app, "/health/ready", 200);
        for (var i = 0; i < 10; i++)
        {
            proxy.ResetAll();
            await Task.Delay(Period, Cancellation);
        }

        app.Services.GetRequiredService<Data.Health.Evaluation.IHealthMonitor>().History("dependency").Count.ShouldBe(1);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<WebApplication> StartAsync(Action<Data.Health.DataHealthBuilder> add)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        add(builder.Services.AddDataHealth(o =>
        {
            (o.Defaults.Period, o.Defaults.Timeout) = (Period, Timeout);
            o.Endpoints.Details = HealthDetails.Always;
        }));
        var app = builder.Build();
        app.MapDataHealth();
        await app.StartAsync(Cancellation);
        return app;
    }

    /// <summary>Another server takes the address while the old one still holds every connection that it has.</summary>
    private async Task FailOverAsync(TestServer frozen, TestServer successor, FaultProxy proxy, Action<Data.Health.DataHealthBuilder> add)
    {
        await using var app = await StartAsync(add);
        await SeeAsync(app, "/health/ready", 200);
        frozen.Freeze();
        await SeeAsync(app, "/health/ready", 503);

        // What was in flight is stuck on the old server by now; each period asks anew all the same.
        await Task.Delay(3 * (Period + Timeout), Cancellation);
        app.Services.GetRequiredService<Data.Health.Evaluation.IHealthMonitor>().Find("dependency")!.Reason.ShouldBe("timed_out");
        proxy.Retarget(successor.Host, successor.Port);
        await SeeAsync(app, "/health/ready", 200);
        frozen.Resume();
    }

    private async Task TortureAsync(TestServer server, Action<Data.Health.DataHealthBuilder> add)
    {
        await using var app = await StartAsync(add);
        await SeeAsync(app, "/health/ready", 200);

        server.Freeze();
        await SeeAsync(app, "/health/ready", 503);
        await SeeAsync(app, "/health", 503);
        await LiveAndStartedAsync(app);
        server.Resume();
        await SeeAsync(app, "/health/ready", 200);

        await server.KillAsync();
        await SeeAsync(app, "/health/ready", 503);
        await SeeAsync(app, "/health", 503);
        await LiveAndStartedAsync(app);
        await server.StartAgainAsync(Cancellation);
        await SeeAsync(app, "/health/ready", 200);
        await SeeAsync(app, "/health", 200);
        await LiveAndStartedAsync(app);
    }

    private async Task LiveAndStartedAsync(WebApplication app)
    {
        (await StatusAsync(app, "/health/live")).ShouldBe(200);
        (await StatusAsync(app, "/health/startup")).ShouldBe(200);
    }

    private async Task SeeAsync(WebApplication app, string path, int status)
    {
        var watch = Stopwatch.StartNew();
        while (await StatusAsync(app, path) != status)
        {
            (await StatusAsync(app, "/health/live")).ShouldBe(200);
            watch.Elapsed.ShouldBeLessThan(Patience, $"{path} should become {status}");
            await Task.Delay(20, Cancellation);
        }
    }

    private async Task<int> StatusAsync(WebApplication app, string path)
    {
        using var response = await _client.GetAsync(app.Urls.First() + path, Cancellation);
        return (int)response.StatusCode;
    }
}
