using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using ConfigurationService.Keys;
using ConfigurationService.Tests.Service;
using Data.TestServers;

namespace ConfigurationService.Tests.Hosting;

/// <summary>
/// The running service while what it depends on is killed, frozen and restored: what it says of itself, and what it still does.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class DependencyFaultTests : IDisposable
{
    // Generous for a loaded machine. What counts is that the change is seen at all, and that nothing else moves meanwhile.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Other tests share the machine; the promise is 300 ms on a calm one.
    private const int Load = 5;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("configuration-service-faults-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Postgres_FrozenKilledAndRestored_FailsReadinessAndNeverLiveness()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var service = await RunningService.StartAsync(_folder.FullName, Settings(postgres, redis: null));
        await SeeAsync(service, "/health", HttpStatusCode.OK, "Healthy");
        (await service.Admin.PutAsync("/config/t/map/here", new { config = new { i = 1 } })).Expect(HttpStatusCode.Created);

        postgres.Freeze();
        await SeeUnhealthyAsync(service);
        postgres.Resume();
        await SeeWellAsync(service);

        await postgres.KillAsync();
        await SeeUnhealthyAsync(service);
        var refused = await service.Admin.PutAsync("/config/t/map/here", new { config = new { i = 2 } });
        refused.Code.ShouldBe("database_unavailable");
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        await postgres.StartAgainAsync(Cancellation);
        await SeeWellAsync(service);

        await EventuallyAsync(
            async () => (await service.Admin.PutAsync("/config/t/map/here", new { config = new { i = 3 } })).Status == HttpStatusCode.OK,
            "a write after the database is back");
        await SeeAsync(service, "/health", HttpStatusCode.OK, "Healthy");
    }

    [Fact]
    public async Task Postgres_Frozen_OperatorsSeeDetailsAndMetricsWithoutIt()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        // The second known time of a key is over at once: nothing but the operators' memory can know it.
        await using var service = await RunningService.StartAsync(
            _folder.FullName, [.. Settings(postgres, redis: null), ("Cache__KeyTtlSeconds", "1")]);
        var made = await service.Admin.PostAsync("/admin/keys", new { name = "second operator", scopes = new[] { "read", "admin" } });
        var second = new ServiceClient(service.Http, made.Json.GetProperty("key").GetString());
        await SeeWellAsync(service);

        postgres.Freeze();
        await SeeUnhealthyAsync(service);
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 10; i++)
        {
            foreach (var client in (ServiceClient[])[service.Admin, second])
            {
                (await TimedAsync("/health", client)).Text.ShouldMatch(@"postgresql: Unhealthy \((timed_out|hung)\)");
                (await TimedAsync("/metrics", client)).Text.ShouldContain("data_health_status");
            }

            var stranger = new ServiceClient(service.Http, ApiKeySecret.Create());
            (await TimedAsync("/health", stranger)).Text.ShouldBe("Unhealthy");
            (await TimedAsync("/metrics", stranger)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        }

        slowest.ShouldBeLessThan(TimeSpan.FromMilliseconds(300) * Load);
        postgres.Resume();
        await SeeWellAsync(service);

        async Task<Answer> TimedAsync(string path, ServiceClient client)
        {
            var watch = Stopwatch.StartNew();
            var answer = await client.GetAsync(path);
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            return answer;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Postgres_Away_CachedReadsGoOnAndEveryOtherRequestIsAnsweredInTime(bool killed)
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var service = await RunningService.StartAsync(
            _folder.FullName, [.. Settings(postgres, redis: null), ("Cache__KeyTtlSeconds", "1")]);
        (await service.Admin.PutAsync("/config/t/map/here", new { config = new { i = 1 } })).Expect(HttpStatusCode.Created);
        (await service.Admin.GetAsync("/config/t/map/here")).Expect(HttpStatusCode.OK);
        await SeeWellAsync(service);

        if (killed)
            await postgres.KillAsync();
        else
            postgres.Freeze();
        // The key's own time is over; nothing but its last answer can know it.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        for (var i = 0; i < 5; i++)
        {
            (await TimedAsync(() => service.Admin.GetAsync("/config/t/map/here"), seconds: 3)).Expect(HttpStatusCode.OK);
            var stranger = new ServiceClient(service.Http, ApiKeySecret.Create());
            (await TimedAsync(() => stranger.GetAsync("/config/t/map/here"), seconds: 10)).Expect(HttpStatusCode.ServiceUnavailable);
        }

        (await TimedAsync(() => service.Admin.GetAsync("/config/other"), seconds: 10)).Expect(HttpStatusCode.ServiceUnavailable);
        (await TimedAsync(() => service.Admin.PutAsync("/config/t/map/here", new { config = new { i = 2 } }), seconds: 10))
            .Expect(HttpStatusCode.ServiceUnavailable);
        (await TimedAsync(() => service.Admin.GetAsync("/config/t/map/here"), seconds: 10)).Status.ShouldBeOneOf(
            HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
        if (killed)
            await postgres.StartAgainAsync(Cancellation);
        else
            postgres.Resume();
        await SeeWellAsync(service);

        // The deadline is five seconds; the bounds leave room for a machine that others load.
        static async Task<Answer> TimedAsync(Func<Task<Answer>> request, int seconds)
        {
            var watch = Stopwatch.StartNew();
            var answer = await request();
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(seconds), answer.Text);
            return answer;
        }
    }

    [Fact]
    public async Task RandomKeys_OnHealthAndMetrics_CostNoSessionOfTheDatabase()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var service = await RunningService.StartAsync(
            _folder.FullName, [.. Settings(postgres, redis: null).Where(s => !s.Name.StartsWith("Health", StringComparison.Ordinal))]);
        await SeeWellAsync(service);
        var before = await SessionsAsync(service);
        for (var i = 0; i < 100; i++)
        {
            var stranger = new ServiceClient(service.Http, ApiKeySecret.Create());
            (await stranger.GetAsync("/health")).Text.ShouldBe("Healthy");
            (await stranger.GetAsync("/metrics")).Expect(HttpStatusCode.Unauthorized);
        }

        (await SessionsAsync(service) - before).ShouldBeLessThan(10, "the refresh of the keys alone");
    }

    [Fact]
    public async Task OperatorKey_Deleted_ShowsNoDetailsAtOnce()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var service = await RunningService.StartAsync(_folder.FullName, Settings(postgres, redis: null));
        var made = await service.Admin.PostAsync("/admin/keys", new { name = "second operator", scopes = new[] { "read" } });
        var second = new ServiceClient(service.Http, made.Json.GetProperty("key").GetString());
        (await second.GetAsync("/metrics")).Expect(HttpStatusCode.OK);
        var tenant = await service.Admin.PostAsync("/admin/keys", new { name = "of t", tenant_id = "t", scopes = new[] { "read" } });
        (await new ServiceClient(service.Http, tenant.Json.GetProperty("key").GetString()).GetAsync("/metrics"))
            .Expect(HttpStatusCode.Unauthorized);

        (await service.Admin.DeleteAsync($"/admin/keys/{made.Json.GetProperty("id").GetString()}")).Expect(HttpStatusCode.NoContent);
        (await second.GetAsync("/metrics")).Expect(HttpStatusCode.Unauthorized);
        (await second.GetAsync("/health")).Text.ShouldNotContain("postgresql");
        (await service.Admin.GetAsync("/health")).Text.ShouldContain("postgresql");
    }

    [Fact]
    public async Task Redis_FrozenKilledAndRestored_DegradesAndServesOn()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var redis = await RedisServer.StartAsync(cancellationToken: Cancellation);
        await using var service = await RunningService.StartAsync(_folder.FullName, Settings(postgres, redis));
        await SeeAsync(service, "/health", HttpStatusCode.OK, "Healthy");
        (await service.Admin.PutAsync("/config/t/map/here", new { config = new { i = 0 } })).Expect(HttpStatusCode.Created);

        redis.Freeze();
        await SeeDegradedAsync(service, 1);
        redis.Resume();
        await SeeWellAsync(service);

        await redis.KillAsync();
        await SeeDegradedAsync(service, 2);
        await redis.StartAgainAsync(Cancellation);
        await SeeWellAsync(service);
        (await service.Admin.GetAsync("/config/t/map/here")).Json.GetProperty("config").GetProperty("i").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Postgres_AwayAtTheStart_IsWaitedForAliveAndNotStarted()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await postgres.StopAsync();
        var port = FreePort();
        await using var service = RunningService.Launch(_folder.FullName, [.. Settings(postgres, redis: null), ("PORT", $"{port}")]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        await EventuallyAsync(async () => await StatusAsync(http, "/health/live") == HttpStatusCode.OK, "life");
        (await StatusAsync(http, "/health/startup")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync(http, "/health/ready")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync(http, "/health")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        await postgres.StartAgainAsync(Cancellation);
        await service.ServesAsync();
        await EventuallyAsync(async () => await StatusAsync(http, "/health/startup") == HttpStatusCode.OK, "the end of the start");
        await SeeWellAsync(service);
    }

    [Fact]
    public async Task Process_Stopped_FailsLivenessByItsSilence()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var service = await RunningService.StartAsync(_folder.FullName, Settings(postgres, redis: null));
        await SeeWellAsync(service);

        await service.SignalAsync("STOP");
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
            await Should.ThrowAsync<OperationCanceledException>(service.Http.GetAsync("/health/live", limit.Token));
        await service.SignalAsync("CONT");

        await SeeWellAsync(service);
    }

    /// <summary>The sessions that the service has begun, by its own count.</summary>
    private static async Task<double> SessionsAsync(RunningService service)
    {
        var metrics = (await service.Admin.GetAsync("/metrics")).Expect(HttpStatusCode.OK).Text;
        return metrics.Split('\n').Where(l => l.StartsWith("data_resilience_session_duration_seconds_count", StringComparison.Ordinal))
            .Sum(l => double.Parse(l.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private (string Name, string Value)[] Settings(PostgresServer postgres, RedisServer? redis)
    {
        (string, string)[] settings =
        [
            ("DATA_DIR", Path.Combine(_folder.FullName, "data")),
            ("ConnectionStrings__Postgres", postgres.ConnectionString),
            ("Encryption__Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
            ("Keys__Admin", ApiKeySecret.Create()),
            ("Health__Defaults__Period", "00:00:00.5"),
            ("Health__Defaults__Timeout", "00:00:01"),
        ];
        return redis is null ? settings : [.. settings, ("ConnectionStrings__Redis", $"{redis.EndPoint},password={redis.Password}")];
    }

    // The banner tells the address when the service serves, and here that is what it does not.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task SeeUnhealthyAsync(RunningService service)
    {
        await SeeAsync(service, "/health/ready", HttpStatusCode.ServiceUnavailable, "Unhealthy");
        await SeeAsync(service, "/health", HttpStatusCode.ServiceUnavailable, "Unhealthy");
        await EventuallyAsync(
            async () => (await service.Admin.GetAsync("/health/postgresql")).Status == HttpStatusCode.ServiceUnavailable,
            "the contributor to fail, which need not be the first");
        await AliveAsync(service);
    }

    private static async Task SeeDegradedAsync(RunningService service, int value)
    {
        await SeeAsync(service, "/health", HttpStatusCode.OK, "Degraded");
        (await StatusAsync(service.Http, "/health/ready")).ShouldBe(HttpStatusCode.OK);
        await AliveAsync(service);
        (await service.Admin.PutAsync("/config/t/map/here", new { config = new { i = value } })).Expect(HttpStatusCode.OK);
        (await service.Admin.GetAsync("/config/t/map/here")).Json.GetProperty("config").GetProperty("i").GetInt32().ShouldBe(value);
    }

    private static async Task SeeWellAsync(RunningService service)
    {
        await SeeAsync(service, "/health/ready", HttpStatusCode.OK, "Healthy");
        await EventuallyAsync(
            async () => (await service.Admin.GetAsync("/health/postgresql")).Status == HttpStatusCode.OK, "the contributor to recover");
        (await StatusAsync(service.Http, "/health/postgresql")).ShouldBe(HttpStatusCode.NotFound);
        await AliveAsync(service);
    }

    private static async Task AliveAsync(RunningService service)
    {
        (await StatusAsync(service.Http, "/health/live")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(service.Http, "/health/startup")).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Waits for an answer and asks for the process's life all the while.</summary>
    private static Task SeeAsync(RunningService service, string path, HttpStatusCode status, string word) => EventuallyAsync(
        async () =>
        {
            await AliveAsync(service);
            using var response = await service.Http.GetAsync(path, Cancellation);
            return response.StatusCode == status && await response.Content.ReadAsStringAsync(Cancellation) == word;
        },
        $"{path} to be {word}");

    private static async Task EventuallyAsync(Func<Task<bool>> seen, string what)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await seen())
                    return;
            }
            catch (HttpRequestException) when (watch.Elapsed < Patience)
            {
                // Nothing listens yet.
            }

            watch.Elapsed.ShouldBeLessThan(Patience, $"waited for {what}");
            await Task.Delay(50, Cancellation);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path, Cancellation);
        return response.StatusCode;
    }
}
