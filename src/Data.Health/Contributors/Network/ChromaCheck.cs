using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Network;

/// <summary>Heartbeat of a Chroma server, and once per connection to a server its version.</summary>
internal sealed class ChromaCheck(HttpClient client, Uri address, Action<HttpRequestMessage>? prepare) : IHealthCheck
{
    private readonly Uri _heartbeat = new(address, "api/v2/heartbeat");
    private readonly Uri _version = new(address, "api/v2/version");
    private string? _lastVersion;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (_, json) = await BoundedHttp.GetJsonAsync(client, _heartbeat, prepare, cancellationToken).ConfigureAwait(false);
        using (json)
        {
            if (json?.RootElement is not { ValueKind: JsonValueKind.Object } beat
                || !beat.EnumerateObject().Any(p => p.Name.Contains("heartbeat", StringComparison.Ordinal)))
            {
                _lastVersion = null;
                return Outcome.Of(HealthStatus.Unhealthy, "unexpected_answer", "It did not answer as Chroma does.");
            }
        }

        return new Outcome().With("version", _lastVersion ??= await VersionAsync(cancellationToken).ConfigureAwait(false)).Result();
    }

    private async Task<string?> VersionAsync(CancellationToken cancellation)
    {
        var (_, json) = await BoundedHttp.GetJsonAsync(client, _version, prepare, cancellation).ConfigureAwait(false);
        using (json)
            return json?.RootElement is { ValueKind: JsonValueKind.String } version ? version.GetString() : null;
    }
}
