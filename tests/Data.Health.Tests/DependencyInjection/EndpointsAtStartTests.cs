using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using Data.Health.Endpoints;
using Data.Health.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Data.Health.Tests.DependencyInjection;

/// <summary>Conventions of the application on the endpoints work, or the start says why they cannot.</summary>
public sealed class EndpointsAtStartTests
{
    private static readonly string[] Paths =
    [
        "/health", "/healthz", "/health/live", "/livez", "/alive", "/health/startup", "/health/ready", "/readyz", "/health/db",
        "/health/ui", "/health/ui/data",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequireAuthorization_OnEverythingOrAGroupAround_AdmitsThoseWhoAreAuthorised(bool group)
    {
        await using var app = await StartAsync(
            AddAuthentication,
            a =>
            {
                if (group)
                    a.MapGroup("/internal").RequireAuthorization().MapDataHealth();
                else
                    a.MapDataHealth().RequireAuthorization();
            });
        foreach (var path in Paths.Select(p => group ? "/internal" + p : p))
        {
            (await StatusAsync(app, path)).ShouldBe(HttpStatusCode.Unauthorized, path);
            (await StatusAsync(app, path, ("X-User", "me"))).ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task MapDataHealth_FallbackPolicyAndNoConvention_AdmitsProbes()
    {
        await using var app = await StartAsync(
            s =>
            {
                AddAuthentication(s);
                s.AddAuthorizationBuilder().SetFallbackPolicy(
                    new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            a => a.MapDataHealth());
        foreach (var path in Paths)
            (await StatusAsync(app, path)).ShouldBe(path == "/health/db" ? HttpStatusCode.NotFound : HttpStatusCode.OK, path);
    }

    [Fact]
    public async Task RequireCors_WithAPolicy_AnswersWithItsHeaders()
    {
        await using var app = await StartAsync(
            s => s.AddCors(c => c.AddPolicy("pages", p => p.WithOrigins("https://status.example"))),
            a =>
            {
                a.UseCors();
                a.MapDataHealth().RequireCors("pages");
            });
        foreach (var path in (string[])["/health", "/health/live", "/health/startup"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Address(app) + path);
            request.Headers.Add("Origin", "https://status.example");
            using var client = new HttpClient();
            using var response = await client.SendAsync(request, Cancellation);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["https://status.example"]);
        }
    }

    [Fact]
    public async Task RequireRateLimiting_Exhausted_Answers429()
    {
        await using var app = await StartAsync(
            s => s.AddRateLimiter(l => l.AddFixedWindowLimiter(
                "few", o => (o.PermitLimit, o.Window, o.QueueLimit) = (2, TimeSpan.FromHours(1), 0)).RejectionStatusCode = 429),
            a =>
            {
                a.UseRateLimiter();
                a.MapDataHealth().RequireRateLimiting("few");
            });
        (await StatusAsync(app, "/health/live")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(app, "/health/live")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(app, "/health/live")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task MapDataHealth_NoConvention_ShortCircuitsWhatSaysOneWord()
    {
        var reached = new List<string>();
        await using var app = await StartAsync(_ => { }, a =>
        {
            a.UseRouting();
            a.Use((context, next) =>
            {
                lock (reached)
                    reached.Add(context.Request.Path);
                return next(context);
            });
            a.MapDataHealth();
        });
        foreach (var path in Paths)
            await StatusAsync(app, path);
        reached.ShouldBe(Paths.Except(["/health/live", "/livez", "/alive", "/health/startup"]));
    }

    [Theory]
    [InlineData("authorization", "AddAuthorization")]
    [InlineData("policy", "'operators'")]
    [InlineData("challenge", "AddAuthentication")]
    [InlineData("cors", "AddCors")]
    [InlineData("cors-policy", "'pages'")]
    [InlineData("limiter", "AddRateLimiter")]
    [InlineData("details-policy", "'operators'")]
    [InlineData("details-authorization", "AddAuthorization")]
    public async Task Start_ConventionThatCannotWork_IsRefusedWithTheRemedy(string fault, string expected)
    {
        var error = await Should.ThrowAsync<OptionsValidationException>(() => StartAsync(
            s =>
            {
                if (fault is "policy" or "details-policy")
                    AddAuthentication(s);
                if (fault == "challenge")
                    s.AddAuthorization();
                if (fault == "cors-policy")
                    s.AddCors();
                if (fault.StartsWith("details", StringComparison.Ordinal))
                    s.Configure<DataHealthOptions>(o => o.Endpoints.AuthorizationPolicy = "operators");
            },
            a =>
            {
                var health = a.MapDataHealth();
                _ = fault switch
                {
                    "authorization" or "challenge" => health.RequireAuthorization(),
                    "policy" => health.RequireAuthorization("operators"),
                    "cors" or "cors-policy" => health.RequireCors("pages"),
                    "limiter" => health.RequireRateLimiting("few"),
                    _ => health,
                };
            }));
        error.Message.ShouldContain(expected);
        error.Failures.Count().ShouldBe(1);
    }

    [Fact]
    public async Task Start_PathThatTheApplicationMapsToo_IsLogged()
    {
        var log = new RecordedLog();
        await using var app = await StartAsync(
            s => s.AddLogging(l => l.AddProvider(log)),
            a =>
            {
                a.MapHealthChecks("/health");
                a.MapGet("alive", () => "mine");
                a.MapGet("/other", () => "mine");
                a.MapDataHealth();
            });
        log.Of(4017).Count().ShouldBe(2);
        log.Of(4017).ShouldContain(t => t.Contains("/health;") && t.Contains("BasePath"));
        log.Of(4017).ShouldContain(t => t.Contains("/alive;") && t.Contains("AliveAliasPath"));
    }

    private static void AddAuthentication(IServiceCollection services)
    {
        services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderHandler>("header", null);
        services.AddAuthorization();
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection> add, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddDataHealth().AddContributor("db", _ => new SwitchCheck());
        add(builder.Services);
        var app = builder.Build();
        map(app);
        try
        {
            await app.StartAsync(Cancellation);
            var monitor = app.Services.GetRequiredService<Data.Health.Evaluation.IHealthMonitor>();
            await monitor.EvaluateAsync("db", Cancellation);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static string Address(WebApplication app) => app.Urls.First();

    private static async Task<HttpStatusCode> StatusAsync(WebApplication app, string path, (string Name, string Value)? header = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(app) + path);
        if (header is { } h)
            request.Headers.Add(h.Name, h.Value);
        using var response = await client.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private sealed class HeaderHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-User"].Count == 0)
                return Task.FromResult(AuthenticateResult.NoResult());
            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "me")], "header"));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, "header")));
        }
    }
}
