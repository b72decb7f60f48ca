using Data.Resilience.Replicas;
using Microsoft.Extensions.Hosting;

namespace Data.Resilience.DependencyInjection;

/// <summary>Starts checking the replicas with the host, so that they are known when the first reads arrive.</summary>
internal sealed class ReplicaStartup(ReplicaMonitors monitors) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        monitors.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
