using Data.Health.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Health.Notifications;

/// <summary>The configured webhooks as listeners.</summary>
internal sealed class WebhookSet(
    IEnumerable<WebhookOptions> webhooks, IHttpClientFactory clients, HealthMetrics metrics, TimeProvider time, ILogger<Webhook> logger)
{
    public IReadOnlyList<IHealthChangeListener> Listeners { get; } =
        [.. webhooks.Select((w, i) => new Webhook(i, w, clients, metrics, time, Random.Shared, logger))];
}
