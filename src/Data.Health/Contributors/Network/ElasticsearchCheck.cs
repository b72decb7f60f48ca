using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Network;

/// <summary>Cluster health of Elasticsearch: green is healthy, yellow degraded, red unhealthy, anything else unhealthy.</summary>
internal sealed class ElasticsearchCheck(HttpClient client, Uri address, Action<HttpRequestMessage>? prepare) : IHealthCheck
{
    private readonly Uri _health = new(address, "_cluster/health");

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (status, json) = await BoundedHttp.GetJsonAsync(client, _health, prepare, cancellationToken).ConfigureAwait(false);
        using (json)
        {
            if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                return Outcome.Of(HealthStatus.Unhealthy, "access_denied", "The server refuses the credentials.");
            return json?.RootElement is { ValueKind: JsonValueKind.Object } cluster
                ? Judge(cluster)
                : Outcome.Of(HealthStatus.Unhealthy, "unexpected_answer", "It did not answer as Elasticsearch does.");
        }
    }

    private static HealthCheckResult Judge(JsonElement cluster)
    {
        var colour = cluster.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.String ?
            status.GetString() :
            null;
        return new Outcome()
            .With("cluster", colour is "green" or "yellow" or "red" ? colour : null)
            .With("nodes", Number(cluster, "number_of_nodes"))
            .With("unassigned_shards", Number(cluster, "unassigned_shards"))
            .With("active_shards_percent", Number(cluster, "active_shards_percent_as_number"))
            .FindIf(
                colour is not ("green" or "yellow" or "red"),
                HealthStatus.Unhealthy,
                "unexpected_answer",
                "It did not answer as Elasticsearch does.")
            .FindIf(colour == "red", HealthStatus.Unhealthy, "cluster_red", "A primary shard is missing.")
            .FindIf(colour == "yellow", HealthStatus.Degraded, "cluster_yellow", "A replica shard is missing.")
            .Result();
    }

    private static double? Number(JsonElement cluster, string name) =>
        cluster.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ?
            number :
            null;
}
