using System.Security.Claims;
using Data.Health.Endpoints;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Health.Tests.Endpoints;

public sealed class DetailsAuthorizerTests
{
    [Fact]
    public async Task Get_AuthorizedByDelegate_SeesDetails()
    {
        await using var app = await StartAsync(
            b => b.AuthorizeDetails(c => ValueTask.FromResult(c.Request.Headers["X-API-Key"] == "right")),
            o => o.Endpoints.Details = HealthDetails.WhenAuthorized);
        (await app.GetAsync("/health", header: ("X-API-Key", "right"))).Body.ShouldContain("db: ");
        (await app.GetAsync("/health", header: ("X-API-Key", "wrong"))).Body.ShouldNotContain("db");
        (await app.GetAsync("/health")).Body.ShouldNotContain("db");
    }

    [Fact]
    public async Task Get_AuthorizerThrows_TreatsTheCallerAsAStranger()
    {
        await using var app = await StartAsync(
            b => b.AuthorizeDetails(_ => throw new InvalidOperationException("database away")), o => o.Endpoints.Details =
                HealthDetails.WhenAuthorized);
        await Eventually.BeAsync(async () => (await app.GetAsync("/health")).Status == 200, "healthy");
        (await app.GetAsync("/health")).Body.ShouldBe("Healthy");
    }

    [Fact]
    public async Task Get_AuthorizationPolicy_DecidesOnDetails()
    {
        await using var app = await StartAsync(
            options: o => (o.Endpoints.Details, o.Endpoints.AuthorizationPolicy) = (HealthDetails.WhenAuthorized, "operators"),
            host: b => b.Services.AddAuthorization(a => a.AddPolicy("operators", p => p.RequireClaim("operator"))),
            pipeline: app => app.Use((context, next) =>
            {
                var claims = context.Request.Headers["X-User"].Select(c => new Claim(c!, "yes"));
                if (claims.Any())
                    context.User = new ClaimsPrincipal(new ClaimsIdentity(claims, "test"));
                return next(context);
            }));
        (await app.GetAsync("/health", header: ("X-User", "operator"))).Body.ShouldContain("db: ");
        (await app.GetAsync("/health", header: ("X-User", "guest"))).Body.ShouldNotContain("db");
    }

    [Fact]
    public async Task Get_AuthorizerHangs_AnswersAsToAStrangerAtTheTimeLimit()
    {
        var cancelled = new TaskCompletionSource();
        await using var app = await StartAsync(
            b => b.AuthorizeDetails(async c =>
            {
                if (c.Request.Headers["X-API-Key"].Count == 0)
                    return false;
                using var registration = c.RequestAborted.Register(() => cancelled.TrySetResult());
                await new TaskCompletionSource().Task;
                return true;
            }),
            o => o.Endpoints.Details = HealthDetails.WhenAuthorized);
        await Eventually.BeAsync(async () => (await app.GetAsync("/health")).Body == "Healthy", "healthy");
        var start = TimeProvider.System.GetTimestamp();
        (await app.GetAsync("/health", header: ("X-API-Key", "k"))).ShouldBe((200, "Healthy"));
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Get_PolicyHangs_AnswersAsToAStrangerAtTheTimeLimit()
    {
        await using var app = await StartAsync(
            options: o =>
            {
                (o.Endpoints.Details, o.Endpoints.AuthorizationPolicy) = (HealthDetails.WhenAuthorized, "operators");
                o.Endpoints.AuthorizationTimeout = TimeSpan.FromMilliseconds(20);
            },
            host: b => b.Services.AddAuthorizationBuilder().AddPolicy("operators", p => p.RequireAssertion(async _ =>
            {
                await new TaskCompletionSource().Task;
                return true;
            })),
            pipeline: app => app.Use((context, next) =>
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([], "test"));
                return next(context);
            }));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health")).Body == "Healthy", "healthy");
    }

    private static Task<HealthApp> StartAsync(
        Action<DataHealthBuilder>? more = null,
        Action<DataHealthOptions>? options = null,
        Action<WebApplicationBuilder>? host = null,
        Action<WebApplication>? pipeline = null) =>
        HealthApp.StartAsync(
            builder =>
            {
                builder.AddContributor("db", _ => new SwitchCheck());
                more?.Invoke(builder);
            },
            options,
            host,
            pipeline);
}
