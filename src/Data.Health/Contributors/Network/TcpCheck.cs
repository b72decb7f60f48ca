using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Network;

/// <summary>Whether something accepts connections.</summary>
internal sealed class TcpCheck(TcpHealthOptions options, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var start = time.GetTimestamp();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(options.Host, options.Port, cancellationToken).ConfigureAwait(false);
        return new Outcome().With("latency_ms", Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3)).Result();
    }
}
