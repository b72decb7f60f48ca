using Data.Resilience.Replicas;
using Microsoft.Extensions.Hosting;

namespace Data.Resilience.DependencyInjection;

/// <summary>Begins to check the replicas with the host, so that the first reads find them checked.</summary>
internal sealed class ReplicaStartup(ReplicaMonitor monitor) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        monitor.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
