using System.Net;
using System.Text.Json;
using Data.Health.Endpoints;
using Data.Health.Startup;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Tests.Endpoints;

public sealed class HealthEndpointsTests
{
    private const string Check = """[{"componentType":"component","status":"pass"}]""";
    private const string Entry = """{"data":{},"duration":"00:00:00","status":"Healthy","tags":[]}""";

    private static readonly string[] Paths =
        ["/health", "/healthz", "/health/live", "/livez", "/alive", "/health/ready", "/readyz", "/health/startup", "/health/db"];

    private readonly SwitchCheck _db = new();
    private readonly SwitchCheck _extra = new();

    [Fact]
    public async Task Get_EverythingHealthy_Answers200EverywhereWithoutStore()
    {
        await using var app = await StartAsync();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/ready")).Status == 200, "ready");
        foreach (var path in Paths)
        {
            using var response = await app.Client.GetAsync(path, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            response.Headers.CacheControl!.NoStore.ShouldBeTrue(path);
            (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldStartWith(
                "Healthy",
                Case.Sensitive,
                path);
        }
    }

    [Fact]
    public async Task Head_AnyPath_HasTheHeadersOfGetAndNoBody()
    {
        await using var app = await StartAsync();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/ready")).Status == 200, "ready");
        foreach (var path in Paths.Append("/health/ui").Append("/health/ui/data"))
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            response.Content.Headers.ContentLength!.Value.ShouldBeGreaterThan(0, path);
            (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty(path);
        }
    }

    [Fact]
    public async Task Post_AnyPath_IsRefused()
    {
        await using var app = await StartAsync();
        using var response = await app.Client.PostAsync("/health", content: null, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Get_CriticalDown_FailsHealthAndReadyButNeverLive()
    {
        _db.Status = HealthStatus.Unhealthy;
        await using var app = await StartAsync();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/startup")).Status == 200, "started");
        (await app.GetAsync("/health")).Status.ShouldBe(503);
        (await app.GetAsync("/healthz")).Status.ShouldBe(503);
        (await app.GetAsync("/health/ready")).Status.ShouldBe(503);
        (await app.GetAsync("/health/db")).Status.ShouldBe(503);
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Get_OptionalDown_DegradesOnly()
    {
        _extra.Status = HealthStatus.Unhealthy;
        await using var app = await StartAsync();
        await Eventually.BeAsync(
            async () => (await app.GetAsync("/health")).Body.StartsWith("Degraded", StringComparison.Ordinal),
            "degraded");
        (await app.GetAsync("/health")).Status.ShouldBe(200);
        (await app.GetAsync("/health/ready")).ShouldSatisfyAllConditions(
            r => r.Status.ShouldBe(200),
            r => r.Body.ShouldStartWith("Healthy"));
    }

    [Fact]
    public async Task Get_UnknownContributor_Answers404()
    {
        await using var app = await StartAsync();
        (await app.GetAsync("/health/unknown")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Get_Group_HasItsOwnMembersAndStatusCodes()
    {
        _extra.Status = HealthStatus.Unhealthy;
        await using var app = await StartAsync(b => b.AddGroup("strict", g =>
        {
            g.IncludeTags.Add("blue");
            g.DegradedStatusCode = 418;
        }));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/strict")).Status == 418, "the group's code");
        (await app.GetAsync("/health/strict")).Body.ShouldNotContain("db");
    }

    [Fact]
    public async Task Get_HealthJson_FollowsTheDraft()
    {
        await using var app = await StartAsync();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health")).Status == 200, "healthy");
        using var response = await SendAsync(app, "/health", "application/health+json");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/health+json");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        json.RootElement.GetProperty("status").GetString().ShouldBe("pass");
        var check = json.RootElement.GetProperty("checks").GetProperty("db:responseTime")[0];
        check.GetProperty("status").GetString().ShouldBe("pass");
        check.GetProperty("observedUnit").GetString().ShouldBe("ms");
        check.GetProperty("observedValue").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        check.GetProperty("age").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        check.GetProperty("time").GetDateTimeOffset().Year.ShouldBeGreaterThan(2000);
    }

    [Fact]
    public async Task Get_UiJson_HasTheShapeOfTheXabarilReport()
    {
        await using var app = await StartAsync();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health")).Status == 200, "healthy");
        var (_, body) = await app.GetAsync("/health", "application/json");
        using var json = JsonDocument.Parse(body);
        json.RootElement.GetProperty("status").GetString().ShouldBe("Healthy");
        TimeSpan.Parse(json.RootElement.GetProperty("totalDuration").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        var entry = json.RootElement.GetProperty("entries").GetProperty("db");
        entry.GetProperty("status").GetString().ShouldBe("Healthy");
        entry.GetProperty("data").ValueKind.ShouldBe(JsonValueKind.Object);
        entry.GetProperty("tags").ValueKind.ShouldBe(JsonValueKind.Array);
        TimeSpan.Parse(entry.GetProperty("duration").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("text/plain", "Healthy")]
    [InlineData("application/health+json", """{"status":"pass"}""")]
    [InlineData("application/json", """{"status":"Healthy","totalDuration":"00:00:00","entries":{}}""")]
    public async Task Get_Stranger_SeesTheStatusWordAndNothingElse(string accept, string expected)
    {
        await using var app = await StartAsync(
            b => b.AddGroup("checkout", g => g.IncludeNames.Add("db")),
            o => (o.Endpoints.Details, o.Endpoints.PageKeyHeader) = (HealthDetails.WhenAuthorized, "X-API-Key"));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health", "text/plain")).Body == "Healthy", "healthy, not degraded");
        await Eventually.BeAsync(async () => (await app.GetAsync("/readyz")).Status == 200, "ready");
        foreach (var path in Paths.Except(["/health/db"]).Append("/health/checkout"))
            (await app.GetAsync(path, accept)).Body.ShouldBe(expected, path);
        (await app.GetAsync("/health/db", accept)).ShouldBe((404, ""));
        (await app.GetAsync("/health/unknown", accept)).ShouldBe((404, ""));
        (await app.GetAsync("/health/ui/data")).Body.ShouldBe("""{"status":"Healthy","detailed":false,"keyHeader":"X-API-Key"}""");
    }

    [Theory]
    [InlineData("text/plain", "Healthy\ndb: Healthy\nextra: Healthy\n", "Healthy\ndb: Healthy\n")]
    [InlineData(
        "application/health+json",
        $$$"""{"status":"pass","checks":{"db":{{{Check}}},"extra":{{{Check}}}}}""",
        $$$"""{"status":"pass","checks":{"db":{{{Check}}}}}""")]
    [InlineData(
        "application/json",
        $$$"""{"status":"Healthy","totalDuration":"00:00:00","entries":{"db":{{{Entry}}},"extra":{{{Entry}}}}}""",
        $$$"""{"status":"Healthy","totalDuration":"00:00:00","entries":{"db":{{{Entry}}}}}""")]
    public async Task Get_ShowNames_StrangersSeeNamesAndStatusWordsOnly(string accept, string all, string one)
    {
        await using var app = await StartAsync(
            options: o => (o.Endpoints.Details, o.Endpoints.ShowNames) = (HealthDetails.WhenAuthorized, true));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health", accept)).Body == all, all);
        (await app.GetAsync("/health/db", accept)).ShouldBe((200, one));
    }

    [Fact]
    public async Task Get_NameThatIsNoPath_HasADerivedPathAndKeepsItsName()
    {
        await using var app = await StartAsync(b => b
            .AddContributor("database circuit", _ => new SwitchCheck())
            .AddContributor("live", _ => new SwitchCheck())
            .AddContributor("a/b", _ => new SwitchCheck())
            .AddContributor("a b", _ => new SwitchCheck()));
        (string Path, string Name)[] expected =
        [
            ("database-circuit", "database circuit"), ("DATABASE-circuit", "database circuit"),
            ("database%20circuit", "database circuit"), ("live-check", "live"), ("a-b", "a/b"), ("a-b-2", "a b"),
        ];
        foreach (var (path, name) in expected)
        {
            await Eventually.BeAsync(
                async () => (await app.GetAsync("/health/" + path)).Body.StartsWith($"Healthy\n{name}: ", StringComparison.Ordinal), path);
        }

        (await app.GetAsync("/health/live")).Body.ShouldBe("Healthy");
    }

    [Fact]
    public async Task Get_StaleMemberOfAGroup_FailsTheGroupAndItsDetailsAlike()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var hang = new TaskCompletionSource<HealthCheckResult>();
        await using var app = await StartAsync(
            b => b.AddGroup("checkout", g => g.IncludeNames.Add("db")), host: b => b.Services.AddSingleton<TimeProvider>(time));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/checkout")).Status == 200, "healthy");
        _db.Answer = _ => hang.Task;
        time.AdjustTime(time.GetUtcNow() + TimeSpan.FromSeconds(36));

        // The details of 200 are a moment old, and not those of this response.
        var (status, body) = await app.GetAsync("/health/checkout");
        status.ShouldBe(503);
        body.ShouldStartWith("Unhealthy\ndb: Unhealthy (stale)");
    }

    [Fact]
    public async Task Get_StatusChangesWithinTheLifeOfPreparedDetails_BodyAndCodeAgree()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var app = await StartAsync(
            b => b.Configure("db", c => c.ConfirmationDelay = TimeSpan.Zero), host: b => b.Services.AddSingleton<TimeProvider>(time));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/db")).Status == 200, "healthy");
        _db.Status = HealthStatus.Unhealthy;
        await app.Services.GetRequiredService<Data.Health.Evaluation.IHealthMonitor>()
            .EvaluateAsync("db", TestContext.Current.CancellationToken);
        var (status, body) = await app.GetAsync("/health/db");
        status.ShouldBe(503);
        body.ShouldStartWith("Unhealthy\ndb: Unhealthy (failed)");
    }

    [Fact]
    public async Task Ready_StartupStepPending_Answers503UntilItIsComplete()
    {
        await using var app = await StartAsync(b => b.AddStartupStep("migrations"));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health")).Status == 200, "healthy");
        (await app.GetAsync("/health/startup")).Status.ShouldBe(503);
        (await app.GetAsync("/health/ready")).Status.ShouldBe(503);
        (await app.GetAsync("/health/ready")).Body.ShouldContain("starting: migrations");
        (await app.GetAsync("/health/live")).Status.ShouldBe(200);

        app.Services.GetRequiredService<IStartupGate>().Complete("migrations");
        (await app.GetAsync("/health/startup")).Status.ShouldBe(200);
        (await app.GetAsync("/health/ready")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Ready_HostIsStopping_Answers503WhileLiveStaysGood()
    {
        await using var app = await StartAsync();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/ready")).Status == 200, "ready");
        var seen = new TaskCompletionSource<(int Ready, int Live)>();
        app.App.Lifetime.ApplicationStopping.Register(() =>
            seen.SetResult(Task.Run(async () => ((await app.GetAsync("/health/ready")).Status, (await app.GetAsync("/health/live")).Status))
                .GetAwaiter()
                .GetResult()));
        await app.App.StopAsync(TestContext.Current.CancellationToken);
        (await seen.Task).ShouldBe((503, 200));
    }

    [Fact]
    public async Task Get_OnDemandContributor_RunsWhenAskedAndAtMostOncePerPeriod()
    {
        await using var app = await StartAsync(
            b => b.Configure("db", c => (c.Mode, c.Period) = (Data.Health.Evaluation.EvaluationMode.OnDemand, TimeSpan.FromMinutes(10))));
        _db.Runs.ShouldBe(0);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.GetAsync("/health")));
        (await app.GetAsync("/health")).Status.ShouldBe(200);
        _db.Runs.ShouldBe(1);
    }

    [Fact]
    public async Task Get_StormOfProbes_CausesNoBackendCall()
    {
        await using var app = await StartAsync();
        await Eventually.BeAsync(async () => (await app.GetAsync("/health")).Status == 200, "healthy");
        var before = _db.Runs;
        for (var i = 0; i < 500; i++)
            await app.GetAsync("/health");
        _db.Runs.ShouldBe(before);
    }

    [Fact]
    public async Task Page_IsOneDocumentWithoutOutsideReferences()
    {
        await using var app = await StartAsync();
        using var response = await app.Client.GetAsync("/health/ui", TestContext.Current.CancellationToken);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        page.ShouldNotContain("https://");
        page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).ShouldNotContain("http://");
    }

    private static async Task<HttpResponseMessage> SendAsync(HealthApp app, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private Task<HealthApp> StartAsync(
        Action<DataHealthBuilder>? more = null,
        Action<DataHealthOptions>? options = null,
        Action<WebApplicationBuilder>? host = null,
        Action<WebApplication>? pipeline = null) =>
        HealthApp.StartAsync(
            builder =>
            {
                builder.AddContributor("db", _ => _db);
                builder.AddContributor("extra", _ => _extra, c =>
                {
                    c.Critical = false;
                    c.Tags.Add("blue");
                });
                more?.Invoke(builder);
            },
            options,
            host,
            pipeline);
}
