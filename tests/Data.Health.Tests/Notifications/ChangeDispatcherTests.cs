using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Data.Health.Evaluation;
using Data.Health.History;
using Data.Health.Notifications;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Health.Tests.Notifications;

public sealed class ChangeDispatcherTests
{
    private readonly SwitchCheck _check = new();

    [Fact]
    public async Task OnChange_StatusChanges_ArrivesInOrderWithReasons()
    {
        var seen = new ConcurrentQueue<HealthChange>();
        await using var app = await StartAsync(b => b.OnChange((_, c, _) =>
        {
            seen.Enqueue(c);
            return Task.CompletedTask;
        }));
        foreach (var status in (HealthStatus[])[HealthStatus.Healthy, HealthStatus.Degraded, HealthStatus.Unhealthy, HealthStatus.Healthy])
        {
            _check.Status = status;
            await Eventually.BeAsync(() => seen.LastOrDefault()?.To == status, status.ToString());
        }

        seen.Select(c => (c.From, c.To, c.Reason)).ShouldBe(
        [
            (null, HealthStatus.Healthy, HealthReasons.Ok),
            (HealthStatus.Healthy, HealthStatus.Degraded, HealthReasons.Degraded),
            (HealthStatus.Degraded, HealthStatus.Unhealthy, HealthReasons.Failed),
            (HealthStatus.Unhealthy, HealthStatus.Healthy, HealthReasons.Ok),
        ]);
    }

    [Fact]
    public async Task OnChange_ListenersHangAndThrow_DelayNeitherEvaluationNorOthers()
    {
        var seen = new ConcurrentQueue<HealthChange>();
        await using var app = await StartAsync(b => b
            .OnChange(async (_, _, ct) => await Task.Delay(Timeout.Infinite, ct))
            .OnChange((_, _, _) => throw new InvalidOperationException("broken listener"))
            .OnChange((_, c, _) =>
            {
                seen.Enqueue(c);
                return Task.CompletedTask;
            }));
        await Eventually.BeAsync(() => seen.Count == 1, "the first change");
        _check.Status = HealthStatus.Unhealthy;
        await Eventually.BeAsync(() => seen.Count == 2, "the second change");
    }

    [Fact]
    public async Task Webhook_FirstAttemptsFail_IsDeliveredSignedInTheEnd()
    {
        const string Secret = "0123456789abcdef";
        var attempts = 0;
        var received = new TaskCompletionSource<(string Body, string Signature)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var target = builder.Build();
        target.Urls.Add("http://127.0.0.1:0");
        target.MapPost("/hook", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (Interlocked.Increment(ref attempts) < 3)
                return Results.StatusCode(500);
            received.TrySetResult((body, context.Request.Headers["X-Health-Signature"].ToString()));
            return Results.Ok();
        });
        await target.StartAsync(TestContext.Current.CancellationToken);

        await using var app = await StartAsync(_ => { }, o => o.Webhooks.Add(new WebhookOptions
        {
            Url = new Uri(target.Urls.First() + "/hook"),
            Secret = Secret,
            RetryDelay = TimeSpan.FromMilliseconds(10),
        }));

        var (sent, signature) = await received.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(sent);
        json.RootElement.GetProperty("contributor").GetString().ShouldBe("db");
        json.RootElement.GetProperty("to").GetString().ShouldBe("Healthy");
        json.RootElement.GetProperty("reason").GetString().ShouldBe("ok");
        signature.ShouldBe(
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(sent))));
        attempts.ShouldBe(3);
    }

    private Task<HealthApp> StartAsync(Action<DataHealthBuilder> more, Action<DataHealthOptions>? options = null) => HealthApp.StartAsync(
        b =>
        {
            b.AddContributor("db", _ => _check, c => (c.Period, c.ConfirmationDelay) = (TimeSpan.FromMilliseconds(20), TimeSpan.Zero));
            more(b);
        },
        options);
}
