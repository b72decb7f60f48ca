using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Network;

/// <summary>One request to an HTTP dependency; its status line decides.</summary>
internal sealed class HttpCheck(HttpHealthOptions options, HttpClient client, Uri address, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var start = time.GetTimestamp();
        using var request = new HttpRequestMessage(new HttpMethod(options.Method), address);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        var latency = time.GetElapsedTime(start);
        var code = (int)response.StatusCode;
        return new Outcome()
            .With("status_code", code)
            .With("latency_ms", Math.Round(latency.TotalMilliseconds, 3))
            .FindIf(
                code < options.MinimumStatusCode || code > options.MaximumStatusCode,
                HealthStatus.Unhealthy,
                "unexpected_status",
                "It answered with another status.")
            .FindIf(latency >= options.DegradedLatency, HealthStatus.Degraded, "slow", "It answered slowly.")
            .Result();
    }
}
