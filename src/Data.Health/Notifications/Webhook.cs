using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Data.Health.History;
using Data.Health.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Health.Notifications;

/// <summary>Posts changes to one address, with a few retries; what still fails is counted and logged without the address.</summary>
internal sealed class Webhook(
    int index,
    WebhookOptions options,
    IHttpClientFactory clients,
    HealthMetrics metrics,
    TimeProvider time,
    Random random,
    ILogger<Webhook> logger)
    : IHealthChangeListener
{
    public const string ClientName = "Data.Health.Webhook";

    public async ValueTask OnChangeAsync(HealthChange change, CancellationToken cancellation)
    {
        var body = Body(change);
        var outcome = "";
        for (var attempt = 0; attempt <= options.MaxRetryAttempts; attempt++)
        {
            if (attempt > 0)
                await Task.Delay(Pause(attempt), time, cancellation).ConfigureAwait(false);
            outcome = await SendAsync(body, cancellation).ConfigureAwait(false);
            if (outcome.Length == 0)
                return;
        }

        metrics.Dropped("webhook");
        HealthLog.WebhookGaveUp(logger, index, options.MaxRetryAttempts + 1, change.Contributor, outcome);
    }

    private TimeSpan Pause(int attempt) => options.RetryDelay * Math.Pow(2, attempt - 1) * (0.5 + (0.5 * random.NextDouble()));

    /// <summary>Returns an empty string when delivered, otherwise a word that names the failure.</summary>
    private async Task<string> SendAsync(byte[] body, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Url);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (options.Secret is { } secret)
            {
                request.Headers.Add(
                    "X-Health-Signature",
                    "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
            }

            using var client = clients.CreateClient(ClientName);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token)
                .ConfigureAwait(false);
            return response.IsSuccessStatusCode ? "" : $"status {(int)response.StatusCode}";
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            return e.GetType().Name;
        }
    }

    private static byte[] Body(HealthChange change)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("contributor", change.Contributor);
            json.WriteString("from", change.From?.ToString());
            json.WriteString("to", change.To.ToString());
            json.WriteString("reason", change.Reason);
            json.WriteBoolean("critical", change.Critical);
            json.WriteString("at", change.At);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
